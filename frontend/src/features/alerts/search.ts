import { parseRange, type TimeRange } from "~/ui/time-range";

/** What the alerts' URLs carry. Parsing never fails: what cannot be read is left out. */
export type Search = TimeRange;
export type ListSearch = {
  readonly state?: string;
  readonly severity?: string;
  readonly name?: string;
};
/** A draft that another page hands over (Explore's query), as JSON. */
export type DraftSearch = { readonly draft?: string };
/** The tags of one instance: {"host": "a"}. */
export type InstanceSearch = TimeRange & { readonly tags: Readonly<Record<string, string>> };

type Raw = Readonly<Record<string, unknown>>;

export function parseSearch(search: Raw): Search {
  return parseRange(search);
}

export function parseListSearch(search: Raw): ListSearch {
  const found: { state?: string; severity?: string; name?: string } = {};
  for (const key of ["state", "severity", "name"] as const) {
    const value = search[key];
    if (typeof value === "string" && value !== "") {
      found[key] = value;
    }
    if (typeof value === "number" && key === "name") {
      found[key] = String(value);
    }
  }
  return found;
}

export function parseDraftSearch(search: Raw): DraftSearch {
  const { draft } = search;
  if (typeof draft === "string") {
    return { draft };
  }
  // The router reads JSON in a URL that was written by hand, or by another page's link.
  return typeof draft === "object" && draft !== null ? { draft: JSON.stringify(draft) } : {};
}

export function parseInstanceSearch(search: Raw): InstanceSearch {
  const tags = typeof search.tags === "object" && search.tags !== null ? search.tags : {};
  const known = Object.entries(tags).filter(
    (each): each is [string, string] => typeof each[1] === "string",
  );
  return { ...parseRange(search), tags: Object.fromEntries(known) };
}
