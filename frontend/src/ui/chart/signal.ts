import { useSyncExternalStore } from "react";

/** A value that changes often, and that only those who show it hear of: no chart renders for a mouse that moves. */
export class Signal<T> {
  private readonly listeners = new Set<() => void>();
  private value: T;

  constructor(first: T) {
    this.value = first;
  }

  readonly get = (): T => this.value;

  set(value: T): void {
    if (!same(value, this.value)) {
      this.value = value;
      for (const listener of this.listeners) {
        listener();
      }
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** Objects of the same plain fields are the same value. */
function same(a: unknown, b: unknown): boolean {
  if (a === b || typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return a === b;
  }
  const [one, other] = [Object.entries(a), b as Record<string, unknown>];
  return one.length === Object.keys(b).length && one.every(([key, value]) => value === other[key]);
}

export function useSignal<T>(signal: Signal<T>): T {
  return useSyncExternalStore(signal.subscribe, signal.get);
}
