/** A link that begins a silence carries its matchers as JSON. */
export interface Search {
  readonly matchers?: string;
}

export function parseSearch(search: Readonly<Record<string, unknown>>): Search {
  const { matchers } = search;
  if (typeof matchers === "string") {
    return { matchers };
  }
  return Array.isArray(matchers) ? { matchers: JSON.stringify(matchers) } : {};
}
