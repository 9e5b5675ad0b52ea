import { useSyncExternalStore } from "react";

export type Mode = "light" | "dark";
/** What somebody chose: to follow the system, or one of both. */
export type Choice = "system" | Mode;

/** The class by which Cloudscape's design tokens turn dark. */
const DARK_CLASS = "awsui-dark-mode";
const DARK = "(prefers-color-scheme: dark)";
const KEY = "skafu.theme";

const listeners = new Set<() => void>();

function systemMode(): Mode {
  return window.matchMedia(DARK).matches ? "dark" : "light";
}

/** What this browser's user chose; the system where nothing, or nothing known, is stored. */
export function choice(): Choice {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

function mode(): Mode {
  const chosen = choice();
  return chosen === "system" ? systemMode() : chosen;
}

function apply(): void {
  // Cloudscape gives body the light tokens, so the class has to be there too.
  for (const element of [document.documentElement, document.body]) {
    element.classList.toggle(DARK_CLASS, mode() === "dark");
  }
  // Scroll bars, native fields, the page's ground before anything is drawn.
  document.documentElement.style.colorScheme = mode();
  for (const each of listeners) {
    each();
  }
}

/** Chooses, for this browser, and for its other tabs too. */
export function choose(chosen: Choice): void {
  if (chosen === "system") {
    localStorage.removeItem(KEY);
  } else {
    localStorage.setItem(KEY, chosen);
  }
  apply();
}

/** Makes the page look as chosen, or as the system does, now and when the system or the choice changes. Call once, before the first render. */
export function followSystem(): void {
  apply();
  window.matchMedia(DARK).addEventListener("change", apply);
  window.addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) {
      apply();
    }
  });
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

/** The mode that is shown: what is drawn on a canvas must know it. */
export function useMode(): Mode {
  return useSyncExternalStore(subscribe, mode);
}

export function useChoice(): Choice {
  return useSyncExternalStore(subscribe, choice);
}
