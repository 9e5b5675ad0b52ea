import { now } from "~/api/clock";
import type { Span } from "./chart/types";
import { formatDuration } from "./format";
import { absolute } from "./time-format";

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

/** The longest that a query may span. */
export const LONGEST_MS = 455 * 86_400_000;

/** How often what is shown may be asked for again: seconds; 0 is never. */
export const REFRESHES: readonly { readonly seconds: number; readonly label: string }[] = [
  { seconds: 0, label: "No refresh" },
  { seconds: 5, label: "Every 5 s" },
  { seconds: 10, label: "Every 10 s" },
  { seconds: 30, label: "Every 30 s" },
  { seconds: 60, label: "Every minute" },
];

/** The range in words: "Last hour", "22 Nov 2026, 10:00 to 12:30" (the zone's; the viewer's when none is given). */
export function rangeText(range: TimeRange, zone?: string): string {
  if ("last" in range) {
    const preset = PRESETS.find((each) => each.last === range.last);
    return preset?.label ?? `Last ${formatDuration(range.last)}`;
  }
  const [from, to] = [absolute(range.start, zone), absolute(range.end, zone)];
  const [dayFrom, dayTo] = [from.split(", ")[0], to.split(", ")[0]];
  const short = (text: string) => text.replace(/:00$/, "");
  return `${short(from)} to ${short(dayFrom === dayTo ? (to.split(", ")[1] ?? to) : to)}`;
}

/** Twice as much time around the same middle, not beyond now and not longer than may be asked for. */
export function zoomedOut(range: TimeRange, at: number = now()): TimeRange {
  if ("last" in range) {
    return { last: Math.min(range.last * 2, LONGEST_MS / 1000) };
  }
  const width = range.end - range.start;
  const end = Math.max(range.end, Math.min(at, range.end + width / 2));
  const start = Math.max(0, end - LONGEST_MS, end - 2 * width);
  return { start: Math.round(start), end: Math.round(end) };
}

/** A moment as a field of type datetime-local has it, by the browser's zone: "2026-11-22T10:00:00". */
export function fieldOf(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** The range that two such fields mean, or what is wrong with them. */
export function spanOfFields(start: string, end: string): Span | { readonly reason: string } {
  const [from, to] = [new Date(start).getTime(), new Date(end).getTime()];
  if (Number.isNaN(from) || Number.isNaN(to)) {
    return { reason: "Enter both times." };
  }
  if (from >= to) {
    return { reason: "The end must be after the start." };
  }
  if (to - from > LONGEST_MS) {
    return { reason: "At most 455 days can be shown at once." };
  }
  return from < 0 ? { reason: "Enter a time after 1970." } : { start: from, end: to };
}
