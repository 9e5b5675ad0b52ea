import type { Fill, Filter, Operator } from "~/api/query";
import type { PackedRow } from "./search";

/** One line of the query editor: a metric, or an expression over other lines. */
export interface Row {
  readonly id: string;
  readonly kind: "metric" | "expression";
  readonly metric: string;
  readonly statistic: string;
  readonly filters: readonly Filter[];
  readonly groupBy: readonly string[];
  /** Seconds; null: as the chart's width allows. */
  readonly period: number | null;
  readonly fill: Fill;
  readonly expression: string;
  readonly hidden: boolean;
}

export const STATISTICS = [
  "avg",
  "min",
  "max",
  "sum",
  "count",
  "last",
  "rate",
  "increase",
  "stddev",
  "p50",
  "p75",
  "p90",
  "p95",
  "p99",
  "p99.9",
] as const;
export const OPERATORS: readonly Operator[] = ["=", "!=", "in", "exists", "prefix"];
export const FILLS: readonly { readonly value: Fill; readonly label: string }[] = [
  { value: "null", label: "Leave gaps" },
  { value: "zero", label: "Gaps are zero" },
  { value: "previous", label: "Repeat the last value" },
  { value: "linear", label: "Draw a line over gaps" },
];
export const MOST_ROWS = 26;

const STATISTIC = /^(avg|min|max|sum|count|last|rate|increase|stddev|p\d{1,3}(\.\d+)?)$/;
const NEW: Omit<Row, "id"> = {
  kind: "metric",
  metric: "",
  statistic: "avg",
  filters: [],
  groupBy: [],
  period: null,
  fill: "null",
  expression: "",
  hidden: false,
};

export function newRow(kind: Row["kind"], rows: readonly Row[]): Row {
  return { ...NEW, id: freeId(rows), kind };
}

/** The first of a, b, c, ... that no row has: expressions name rows by it. */
export function freeId(rows: readonly Row[]): string {
  const taken = new Set(rows.map((row) => row.id));
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const free = [...letters].find((letter) => !taken.has(letter));
  let number = 1;
  while (free === undefined && taken.has(`q${number}`)) {
    number += 1;
  }
  return free ?? `q${number}`;
}

/** A copy of a row right below it. */
export function duplicated(rows: readonly Row[], id: string): Row[] {
  return rows.flatMap((row) => (row.id === id ? [row, { ...row, id: freeId(rows) }] : [row]));
}

export function replaced(rows: readonly Row[], changed: Row): Row[] {
  return rows.map((row) => (row.id === changed.id ? changed : row));
}

/** Without the row; never without any, so that there is always one to begin with. */
export function removed(rows: readonly Row[], id: string): Row[] {
  const left = rows.filter((row) => row.id !== id);
  return left.length > 0 ? left : [newRow("metric", [])];
}

export function unpacked(packed: readonly PackedRow[] | undefined): Row[] {
  const seen = new Set<string>();
  const rows = (packed ?? []).flatMap((each): Row[] => {
    if (seen.has(each.i)) {
      return [];
    }
    seen.add(each.i);
    const filters = (each.f ?? []).filter(([, op]) => OPERATORS.includes(op as Operator));
    return [
      {
        ...NEW,
        id: each.i,
        kind: each.e === undefined ? "metric" : "expression",
        metric: each.m ?? "",
        statistic: STATISTIC.test(each.s ?? "") ? (each.s as string) : NEW.statistic,
        filters: filters.map(([tag, op, value]) => ({ tag, op: op as Operator, value })),
        groupBy: each.g ?? [],
        period: each.p ?? null,
        fill: FILLS.find(({ value }) => value === each.l)?.value ?? NEW.fill,
        expression: (each.e ?? "").trim(),
        hidden: each.h === 1,
      },
    ];
  });
  return rows.length > 0 ? rows : [newRow("metric", [])];
}

/** As an address has it: what is as usual is left out. */
export function packed(rows: readonly Row[]): PackedRow[] {
  return rows.map((row) =>
    row.kind === "expression"
      ? // A blank, so that an expression that is still to be written stays one.
        {
          i: row.id,
          e: row.expression || " ",
          ...(row.fill === "null" ? {} : { l: row.fill }),
          ...(row.hidden ? { h: 1 } : {}),
        }
      : {
          i: row.id,
          ...(row.metric === "" ? {} : { m: row.metric }),
          ...(row.statistic === "avg" ? {} : { s: row.statistic }),
          ...(row.filters.length === 0
            ? {}
            : { f: row.filters.map(({ tag, op, value }) => [tag, op, value] as const) }),
          ...(row.groupBy.length === 0 ? {} : { g: row.groupBy }),
          ...(row.period === null ? {} : { p: row.period }),
          ...(row.fill === "null" ? {} : { l: row.fill }),
          ...(row.hidden ? { h: 1 } : {}),
        },
  );
}

/** A condition as it is read: "host = a", "zone in a, b", "disk exists". */
export function filterText(filter: Filter): string {
  const { tag, op, value } = filter;
  if (op === "exists") {
    return value === false ? `${tag} does not exist` : `${tag} exists`;
  }
  const wanted = Array.isArray(value) ? value.join(", ") : String(value);
  return `${tag} ${op === "prefix" ? "begins with" : op} ${wanted}`;
}

/** What a row is called in the legend: "cpu (avg), host = a", or the expression. */
export function rowName(row: Row): string {
  if (row.kind === "expression") {
    return row.expression;
  }
  return [`${row.metric} (${row.statistic})`, ...row.filters.map(filterText)].join(", ");
}
