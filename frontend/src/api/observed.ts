import { useCallback, useSyncExternalStore } from "react";
import { begun, ended, FAIR, type Outcome, type Report, report, type Weather } from "./weather";

let weather: Weather = FAIR;
let last = 0;
const listeners = new Set<() => void>();

function change(next: Weather): void {
  weather = next;
  for (const each of listeners) {
    each();
  }
}

/** Notes that a request begins; the returned function is called once, with what became of it. */
export function observeRequest(): (outcome: Outcome) => void {
  last += 1;
  const id = last;
  change(begun(weather, id, Date.now()));
  return (outcome) => change(ended(weather, id, outcome, Date.now()));
}

/** Who was signed in is gone: the next one begins with fair weather. */
export function forgetWeather(): void {
  change(FAIR);
}

/** Slow answers and pauses end without an event: it is looked at each second. */
const LOOK_MS = 1_000;

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  const timer = setInterval(changed, LOOK_MS);
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    listeners.delete(changed);
    clearInterval(timer);
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

let held: Report | null = null;

/** The same object as long as it says the same. */
function snapshot(): Report | null {
  const next = report(weather, navigator.onLine, Date.now());
  if (JSON.stringify(next) !== JSON.stringify(held)) {
    held = next;
  }
  return held;
}

/** What is to be told of the API now; null in fair weather. */
export function useWeather(): Report | null {
  return useSyncExternalStore(
    useCallback((changed: () => void) => subscribe(changed), []),
    snapshot,
  );
}
