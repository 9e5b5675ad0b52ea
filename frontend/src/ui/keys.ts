/**
 * The keyboard: pages and the shell say which keys do what, one listener finds what was meant. Keys
 * are single ("/", "t", "?"), two after each other ("g m"), or with Ctrl or Cmd ("mod+k").
 */
import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  readonly keys: string;
  /** What it does, as the help dialog lists it: "Choose the time range". */
  readonly label: string;
  /** Where the help dialog lists it. */
  readonly group: "everywhere" | "go" | "page";
  readonly run: () => void;
}

/** What of a KeyboardEvent matters. */
export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** Whether the key goes into a field, or into a dialog, which keeps its keys to itself. */
  readonly typing: boolean;
  /** Epoch ms. */
  readonly at: number;
}

/** Within this time the second key has to follow the first. */
const PAUSE_MS = 1_500;
const ENABLED_KEY = "skafu.shortcuts";

/** What is registered, newest last: a page's shortcut goes before the shell's of the same keys. */
export class Keyboard {
  #shortcuts: readonly Shortcut[] = [];
  readonly #listeners = new Set<() => void>();
  #first: { readonly key: string; readonly at: number } | null = null;

  /** Adds it until the returned function is called. */
  add(shortcut: Shortcut): () => void {
    this.#change([...this.#shortcuts, shortcut]);
    return () => this.#change(this.#shortcuts.filter((each) => each !== shortcut));
  }

  /** The shortcut that this key completes; null while there is none, or a first key waits. */
  press(press: Press, enabled: boolean): Shortcut | null {
    const before = this.#first;
    this.#first = null;
    if (press.altKey || ["Shift", "Control", "Meta", "Alt"].includes(press.key)) {
      this.#first = before;
      return null;
    }
    if (press.ctrlKey || press.metaKey) {
      const found = this.#find(`mod+${press.key.toLowerCase()}`);
      // Ctrl-Z in a field is the field's; what works everywhere works there too.
      return press.typing && found?.group !== "everywhere" ? null : found;
    }
    if (press.typing || !enabled) {
      return null;
    }
    if (before !== null && press.at - before.at <= PAUSE_MS) {
      return this.#find(`${before.key} ${press.key}`);
    }
    if (this.#shortcuts.some((each) => each.keys.startsWith(`${press.key} `))) {
      this.#first = { key: press.key, at: press.at };
      return null;
    }
    return this.#find(press.key);
  }

  /** One of each keys, as they would be found. The same array until something changes. */
  readonly all = (): readonly Shortcut[] => this.#shortcuts;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  #find(keys: string): Shortcut | null {
    const found = this.#shortcuts.filter((each) => each.keys === keys);
    return found.findLast((each) => each.group === "page") ?? found.at(-1) ?? null;
  }

  #change(shortcuts: readonly Shortcut[]): void {
    this.#shortcuts = shortcuts;
    for (const each of this.#listeners) {
      each();
    }
  }
}

export const keyboard = new Keyboard();

const FIELDS = "input, textarea, select, [contenteditable=''], [contenteditable='true']";
const KEEPING = "dialog, [role='dialog'], [role='alertdialog'], [role='menu'], [role='listbox']";

/** Whether a key pressed there belongs to what is there. */
export function typesInto(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) {
    return false;
  }
  const field = target.closest(FIELDS);
  const box = field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type);
  return (field !== null && !box) || target.closest(KEEPING) !== null;
}

/** Single keys can be switched off, for those whose voice control or reader types them (WCAG 2.1.4). */
export function shortcutsEnabled(): boolean {
  return localStorage.getItem(ENABLED_KEY) !== "off";
}

export function enableShortcuts(enabled: boolean): void {
  localStorage.setItem(ENABLED_KEY, enabled ? "on" : "off");
}

/** Listens for all registered keys. Once, in the shell. */
export function useKeyboard(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat) {
        return;
      }
      const typing = typesInto(event.target);
      const { key, ctrlKey, metaKey, altKey } = event;
      const press = { key, ctrlKey, metaKey, altKey, typing, at: event.timeStamp };
      const found = keyboard.press(press, shortcutsEnabled());
      if (found !== null) {
        event.preventDefault();
        found.run();
      }
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

/**
 * Gives keys a meaning while the component is shown. Pages use "/" to focus their search, "t" to open
 * their range picker: `useShortcut("/", "Search alerts", () => search.current?.focus())`.
 */
export function useShortcut(
  keys: string,
  label: string,
  run: () => void,
  group: Shortcut["group"] = "page",
): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(
    () => keyboard.add({ keys, label, group, run: () => latest.current() }),
    [keys, label, group],
  );
}

/** All that is registered now, for the help dialog. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(keyboard.subscribe, keyboard.all);
}
