import { useCallback, useMemo, useRef, useState } from "react";
import { readKept } from "~/auth/person-storage";
import { useSession } from "~/auth/session";
import { keepDraft, same, storageKey } from "./drafts";

export interface Draft<T> {
  readonly value: T;
  /** Takes the new value, or how it follows from the present one. */
  readonly set: (next: T | ((before: T) => T)) => void;
  /** Whether it differs from what it began with. */
  readonly changed: boolean;
  /** Whether it was taken up from before a reload or a new sign-in: worth telling. */
  readonly restored: boolean;
  /** After saving: nothing is left to keep. The value stays as it is. */
  readonly clear: () => void;
  /** Back to what it began with. */
  readonly discard: () => void;
  /** As `changed`, but true to the last call even before the page is drawn anew: for UnsavedGuard. */
  readonly isChanged: () => boolean;
}

/**
 * A form's value (anything JSON can hold) that outlives a reload and a new sign-in in this tab. `key`
 * names the form and what it edits: "alert new", `alert ${id} ${version}`. What comes first counts:
 * a later `initial` is not taken over.
 */
export function useDraft<T>(key: string, initial: T): Draft<T> {
  const { tenant, id, version } = useSession();
  const place = storageKey({ tenant, id, version }, key);
  const [begun] = useState(initial);
  const [found] = useState(() => readKept<T>(sessionStorage, place));
  const base = useRef(begun);
  const [value, setValue] = useState(found ?? begun);
  const latest = useRef(value);
  const [changed, setChanged] = useState(found !== undefined && !same(found, begun));
  const latestChanged = useRef(changed);

  const put = useCallback(
    (next: T) => {
      latest.current = next;
      latestChanged.current = keepDraft(sessionStorage, place, next, base.current);
      setValue(next);
      setChanged(latestChanged.current);
    },
    [place],
  );
  const set = useCallback(
    (next: T | ((before: T) => T)) =>
      put(typeof next === "function" ? (next as (before: T) => T)(latest.current) : next),
    [put],
  );
  const clear = useCallback(() => {
    base.current = latest.current;
    put(latest.current);
  }, [put]);
  const discard = useCallback(() => put(base.current), [put]);
  const isChanged = useCallback(() => latestChanged.current, []);
  return useMemo(
    () => ({ value, set, changed, restored: found !== undefined, clear, discard, isChanged }),
    [value, set, changed, found, clear, discard, isChanged],
  );
}
