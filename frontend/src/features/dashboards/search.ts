import { parseRange, type TimeRange } from "~/ui/time-range";

/** What this area's URLs carry. Parsing never fails: what cannot be read is left out. */
export type Search = TimeRange;

export function parseSearch(search: Readonly<Record<string, unknown>>): Search {
  return parseRange(search);
}
