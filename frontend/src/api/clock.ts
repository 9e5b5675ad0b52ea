/**
 * The server's time: browsers' clocks are wrong now and then, and a range that ends "now" by a wrong
 * clock shows nothing, or what is old as if it were new.
 */
const IGNORED_MS = 5_000; // The Date header has whole seconds, and an answer travels.

let skew = 0;

/** Learns from an answer's Date header; `at` is when it came by this browser's clock. */
export function observe(date: string | null, at: number): void {
  const told = date === null ? Number.NaN : Date.parse(date);
  if (Number.isFinite(told)) {
    skew = Math.abs(told - at) < IGNORED_MS ? 0 : told - at;
  }
}

/** Epoch milliseconds by the server's clock, as far as it is known. */
export function now(): number {
  return Date.now() + skew;
}

/** How far this browser's clock is behind (positive) or ahead, in ms; 0 when it hardly is. */
export function clockSkew(): number {
  return skew;
}
