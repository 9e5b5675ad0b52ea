import { useSyncExternalStore } from "react";
import { withLine } from "../lines";
import type { AlertDraft } from "../model";

/** A line while it is dragged: chart, number field and sentence follow it; the form is left alone. */
export interface Moved {
  readonly id: string;
  readonly value: number;
}

export class Moving {
  private moved: Moved | null = null;
  private readonly listeners = new Set<() => void>();

  readonly get = (): Moved | null => this.moved;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  };

  set(moved: Moved | null): void {
    this.moved = moved;
    for (const each of this.listeners) {
      each();
    }
  }
}

/** The draft as it would be, were the line let go now. */
export function useLive(draft: AlertDraft, moving: Moving): AlertDraft {
  const moved = useSyncExternalStore(moving.subscribe, moving.get);
  return moved === null ? draft : withLine(draft, moved.id, moved.value);
}
