import { useSyncExternalStore } from "react";

/**
 * Where requests wait when the session has ended in the middle of work: one person is asked once to
 * sign in again, and all that waits goes on after.
 */
export class Gate {
  #waiting: Promise<boolean> | null = null;
  #answer: ((again: boolean) => void) | null = null;
  readonly #listeners = new Set<() => void>();

  /** Waits for somebody to sign in. False when the one who did is somebody else: their request must not be sent. */
  ask(): Promise<boolean> {
    this.#waiting ??= new Promise((resolve) => {
      this.#answer = resolve;
    });
    this.#tell();
    return this.#waiting;
  }

  /** Lets all that waits go on (the same person), or give up (another one). */
  answer(again: boolean): void {
    this.#answer?.(again);
    this.#waiting = null;
    this.#answer = null;
    this.#tell();
  }

  /** Whether somebody is asked now. */
  readonly asked = (): boolean => this.#waiting !== null;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  #tell(): void {
    for (const each of this.#listeners) {
      each();
    }
  }
}

export function useAsked(gate: Gate): boolean {
  return useSyncExternalStore(gate.subscribe, gate.asked);
}
