import { parseRange, type TimeRange } from "~/ui/time-range";

/** What this area's URLs carry. Parsing never fails: what cannot be read is left out. */
export type Search = {
  /** Without a range the dashboard's own is shown. */
  readonly last?: number;
  readonly start?: number;
  readonly end?: number;
  /** Seconds between refreshes; 0 is never. */
  readonly refresh?: number;
  /** Values of variables, for those that are not at their default; none are all. */
  readonly vars?: Readonly<Record<string, readonly string[]>>;
  /** The panel that fills the screen. */
  readonly panel?: string;
  /** Panels are being arranged. */
  readonly edit?: true;
};

type Raw = Readonly<Record<string, unknown>>;

/** Told apart from every range that a URL can carry. */
const NONE: TimeRange = { last: 0 };

export function parseSearch(search: Raw): Search {
  const range = parseRange(search, NONE);
  const refresh = Number(search.refresh ?? Number.NaN);
  const vars = varsOf(search.vars);
  return {
    ...(range === NONE ? {} : range),
    ...(Number.isSafeInteger(refresh) && refresh >= 0 && refresh <= 86_400 ? { refresh } : {}),
    ...(vars === null ? {} : { vars }),
    ...(typeof search.panel === "string" && search.panel !== "" ? { panel: search.panel } : {}),
    ...(search.edit === true ? { edit: true } : {}),
  };
}

function varsOf(value: unknown): Record<string, readonly string[]> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return null;
  }
  const known = Object.entries(value).filter(
    (each): each is [string, string[]] =>
      Array.isArray(each[1]) && each[1].every((text) => typeof text === "string"),
  );
  return known.length === 0 ? null : Object.fromEntries(known);
}

/** The range that is shown: the URL's, else the dashboard's own. */
export function rangeOf(search: Search, own: { readonly last: number }): TimeRange {
  if (search.start !== undefined && search.end !== undefined) {
    return { start: search.start, end: search.end };
  }
  return { last: search.last ?? own.last };
}

/** The same view with another range. */
export function withRange(search: Search, range: TimeRange): Search {
  const { last: _last, start: _start, end: _end, ...rest } = search;
  return { ...rest, ...range };
}

/** The same view with other values of a variable. */
export function withChoice(search: Search, name: string, values: readonly string[]): Search {
  return { ...search, vars: { ...search.vars, [name]: values } };
}
