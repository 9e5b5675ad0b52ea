import { now } from "~/api/clock";
import type { Span } from "./chart/types";

/** The time that a page shows: the last so many seconds, or a fixed stretch. Part of every URL that shows time. */
export type TimeRange =
  | { readonly last: number }
  | { readonly start: number; readonly end: number };

export const DEFAULT_RANGE: TimeRange = { last: 3600 };
export const PRESETS: readonly { readonly last: number; readonly label: string }[] = [
  { last: 900, label: "Last 15 minutes" },
  { last: 3_600, label: "Last hour" },
  { last: 3 * 3_600, label: "Last 3 hours" },
  { last: 12 * 3_600, label: "Last 12 hours" },
  { last: 86_400, label: "Last day" },
  { last: 3 * 86_400, label: "Last 3 days" },
  { last: 7 * 86_400, label: "Last week" },
  { last: 30 * 86_400, label: "Last 30 days" },
  { last: 90 * 86_400, label: "Last 90 days" },
];

/** The stretch that the range means at this moment (the server's clock). */
export function spanOf(range: TimeRange, at: number = now()): Span {
  return "last" in range ? { start: at - range.last * 1000, end: at } : range;
}

/** Reads ?last= or ?start=&end=; anything else, or nonsense, is the default. */
export function parseRange(
  search: Readonly<Record<string, unknown>>,
  standard = DEFAULT_RANGE,
): TimeRange {
  const [start, end, last] = [Number(search.start), Number(search.end), Number(search.last)];
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < end) {
    return { start, end };
  }
  return Number.isSafeInteger(last) && last > 0 ? { last } : standard;
}

export function sameRange(a: TimeRange, b: TimeRange): boolean {
  return "last" in a
    ? "last" in b && a.last === b.last
    : !("last" in b) && a.start === b.start && a.end === b.end;
}
