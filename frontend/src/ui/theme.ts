import { useSyncExternalStore } from "react";

export type Mode = "light" | "dark";

/** The class by which Cloudscape's design tokens turn dark. */
const DARK_CLASS = "awsui-dark-mode";
const DARK = "(prefers-color-scheme: dark)";

function subscribe(changed: () => void): () => void {
  const query = window.matchMedia(DARK);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

function mode(): Mode {
  return window.matchMedia(DARK).matches ? "dark" : "light";
}

/** Makes the page follow the system, now and when it changes. Call once, before the first render. */
export function followSystem(): void {
  const apply = () => document.documentElement.classList.toggle(DARK_CLASS, mode() === "dark");
  apply();
  subscribe(apply);
}

/** The mode that is shown: what is drawn on a canvas must know it. */
export function useMode(): Mode {
  return useSyncExternalStore(subscribe, mode);
}
