/** What somebody has begun to write, kept in the tab until it is saved: it outlives a reload and a new sign-in. */
import { keep, type Person, personKey } from "~/auth/person-storage";

/** Whose, and of which build: a draft of another one may have another form, so it is not taken up. */
export interface Owner extends Person {
  readonly version: string;
}

export function storageKey(owner: Owner, key: string): string {
  return personKey(owner, "draft", owner.version, key);
}

/** Keeps the value; what equals the initial one is no draft. Returns whether it is one. */
export function keepDraft<T>(store: Storage, key: string, value: T, initial: T): boolean {
  if (same(value, initial)) {
    store.removeItem(key);
    return false;
  }
  keep(store, key, value);
  return true;
}

/** By what JSON would say of them. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
