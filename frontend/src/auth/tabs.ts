/** What the tabs of one browser tell each other about who is signed in: through the storage they share. */

/** Written by a tab in which somebody signs out on purpose; a session may also just end. */
export const SIGNED_OUT_KEY = "skafu.signed-out";

export type Change = "signed-in" | "signed-out" | "expired";

/** What a change of the shared storage by another tab means; null for nothing. */
export function meaning(
  event: Pick<StorageEvent, "key" | "newValue">,
  clientId: string,
): Change | null {
  if (event.key === null || event.key === SIGNED_OUT_KEY) {
    // A null key: all was emptied.
    return "signed-out";
  }
  if (event.key === `CognitoIdentityServiceProvider.${clientId}.LastAuthUser`) {
    return event.newValue === null ? "expired" : "signed-in";
  }
  return null;
}

/** Calls with each such change, until the returned function is called. */
export function watchTabs(
  window: Window,
  clientId: string,
  changed: (what: Change) => void,
): () => void {
  const listen = (event: StorageEvent) => {
    const found = event.storageArea === window.localStorage ? meaning(event, clientId) : null;
    if (found !== null) {
      changed(found);
    }
  };
  window.addEventListener("storage", listen);
  return () => window.removeEventListener("storage", listen);
}
