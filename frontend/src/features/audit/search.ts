/** Which changes are shown: of one kind of thing, of one thing. */
export interface Search {
  readonly kind?: string;
  readonly subject?: string;
}

export function parseSearch(search: Readonly<Record<string, unknown>>): Search {
  const found: { kind?: string; subject?: string } = {};
  for (const key of ["kind", "subject"] as const) {
    const value = search[key];
    if (typeof value === "string" && value !== "") {
      found[key] = value;
    }
  }
  return found;
}
