/** What a tab keeps of somebody: it is theirs alone, and goes when they sign out. */

export interface Person {
  readonly tenant: string;
  readonly id: string;
}

const PREFIX = "skafu.person";

/** Where something of somebody is kept: nobody else finds it there. */
export function personKey(person: Person, ...names: readonly string[]): string {
  return [PREFIX, person.tenant, person.id, ...names].join(" ");
}

/** Forgets all that is kept of anybody. */
export function forgetPersons(store: Storage): void {
  const keys = Array.from({ length: store.length }, (_, index) => store.key(index));
  for (const key of keys) {
    if (key?.startsWith(`${PREFIX} `)) {
      store.removeItem(key);
    }
  }
}

/** What is kept there; undefined for nothing, or what cannot be read. */
export function readKept<T>(store: Storage, key: string): T | undefined {
  const text = store.getItem(key);
  if (text === null) {
    return undefined;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    // Nothing writes such text but somebody by hand: there is nothing.
    store.removeItem(key);
    return undefined;
  }
}

/** Keeps a value of JSON. Where the tab's storage is full or refused, nothing is kept: only a reload shows it. */
export function keep(store: Storage, key: string, value: unknown): void {
  try {
    store.setItem(key, JSON.stringify(value));
  } catch {
    // What was kept before is older than what is shown: better nothing than that.
    store.removeItem(key);
  }
}
