import { parseRange, type TimeRange } from "~/ui/time-range";

/** A query as short as an address wants it; rows.ts says what it means. */
export interface PackedRow {
  /** Its id: expressions name it. */
  readonly i: string;
  /** Metric, statistic, filters as [tag, operator, value], group by, period in seconds, fill. */
  readonly m?: string;
  readonly s?: string;
  readonly f?: readonly (readonly [string, string, string | readonly string[] | boolean])[];
  readonly g?: readonly string[];
  readonly p?: number;
  readonly l?: string;
  /** Instead of a metric an expression. */
  readonly e?: string;
  /** Not drawn. */
  readonly h?: 1;
}

/** What this area's URLs carry. Parsing never fails: what cannot be read is left out. */
export type Search = TimeRange & {
  readonly q?: readonly PackedRow[];
  /** Seconds between refreshes. */
  readonly refresh?: number;
  /** With last week beside it; with a chart for each query; as areas; as a table. */
  readonly week?: 1;
  readonly split?: 1;
  readonly area?: 1;
  readonly table?: 1;
};

type Raw = Readonly<Record<string, unknown>>;

const FLAGS = ["week", "split", "area", "table"] as const;
const MOST_ROWS = 26;

export function parseSearch(search: Raw): Search {
  const refresh = Number(search.refresh);
  const rows = rowsIn(search);
  return {
    ...parseRange(search),
    ...(rows.length > 0 ? { q: rows } : {}),
    ...(Number.isSafeInteger(refresh) && refresh > 0 && refresh <= 86_400 ? { refresh } : {}),
    ...Object.fromEntries(
      FLAGS.filter((flag) => Number(search[flag]) === 1).map((flag) => [flag, 1]),
    ),
  };
}

/** `?metric=cpu` is a link that anybody can write; the page itself writes `q`. */
function rowsIn(search: Raw): PackedRow[] {
  if (Array.isArray(search.q)) {
    return search.q.flatMap((each) => rowIn(each) ?? []).slice(0, MOST_ROWS);
  }
  return typeof search.metric === "string" && search.metric !== ""
    ? [{ i: "a", m: search.metric }]
    : [];
}

function rowIn(value: unknown): PackedRow | null {
  const row = value as Raw | null;
  if (typeof row !== "object" || row === null || !isId(row.i)) {
    return null;
  }
  const filters = Array.isArray(row.f) ? row.f.filter(isFilter) : [];
  const groups = Array.isArray(row.g) ? row.g.filter((each) => typeof each === "string") : [];
  return {
    i: row.i,
    ...text(row, "m"),
    ...text(row, "s"),
    ...text(row, "l"),
    ...text(row, "e"),
    ...(filters.length > 0 ? { f: filters } : {}),
    ...(groups.length > 0 ? { g: groups } : {}),
    ...(Number.isSafeInteger(row.p) && (row.p as number) > 0 ? { p: row.p as number } : {}),
    ...(row.h === 1 ? { h: 1 } : {}),
  };
}

function text(row: Raw, key: string): Record<string, string> {
  const value = row[key];
  return typeof value === "string" && value !== "" ? { [key]: value } : {};
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[a-z][A-Za-z0-9_]*$/.test(value);
}

function isFilter(value: unknown): value is [string, string, string | string[] | boolean] {
  if (!Array.isArray(value) || value.length !== 3) {
    return false;
  }
  const [tag, operator, wanted] = value as unknown[];
  const known =
    typeof wanted === "string" ||
    typeof wanted === "boolean" ||
    (Array.isArray(wanted) && wanted.every((each) => typeof each === "string"));
  return typeof tag === "string" && typeof operator === "string" && known;
}
