/** What somebody has begun to write, kept in the tab until it is saved: it outlives a reload and a new sign-in. */

export interface Owner {
  readonly tenant: string;
  readonly id: string;
  readonly version: string;
}

const PREFIX = "skafu.draft";

/** Nobody sees another's draft; a draft of another build may have another form, so it is not taken up. */
export function storageKey(owner: Owner, key: string): string {
  return [PREFIX, owner.version, owner.tenant, owner.id, key].join(" ");
}

/** What was kept; undefined for nothing, or what cannot be read. */
export function readDraft<T>(store: Storage, key: string): T | undefined {
  const text = store.getItem(key);
  if (text === null) {
    return undefined;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    // Nothing writes such text but somebody by hand: there is no draft.
    store.removeItem(key);
    return undefined;
  }
}

/** Keeps the value; what equals the initial one is no draft. Returns whether it is one. */
export function keepDraft<T>(store: Storage, key: string, value: T, initial: T): boolean {
  if (same(value, initial)) {
    store.removeItem(key);
    return false;
  }
  try {
    store.setItem(key, JSON.stringify(value));
  } catch {
    // The tab's storage is full or refused: the draft lives on in the page, only a reload loses it.
    store.removeItem(key);
  }
  return true;
}

/** By what JSON would say of them. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** When somebody signs out, what they wrote goes too. */
export function forgetDrafts(store: Storage): void {
  const keys = Array.from({ length: store.length }, (_, index) => store.key(index));
  for (const key of keys) {
    if (key?.startsWith(`${PREFIX} `)) {
      store.removeItem(key);
    }
  }
}
