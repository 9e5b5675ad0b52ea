import { useSyncExternalStore } from "react";

/** Below this width panels lie one under the other, and tables show what matters most. */
const NARROW = "(max-width: 688px)";

function subscribe(changed: () => void): () => void {
  const query = window.matchMedia(NARROW);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(NARROW).matches);
}
