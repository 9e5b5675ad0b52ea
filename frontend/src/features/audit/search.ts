/** What this area's URLs carry. Parsing never fails: what cannot be read is left out. */
export type Search = Readonly<Record<string, never>>;

export function parseSearch(_: Readonly<Record<string, unknown>>): Search {
  return {};
}
