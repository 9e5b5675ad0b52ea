import { ApiProblem } from "~/api/problem";
import type { MetricQuery } from "~/api/query";
import { check } from "./expression";
import type { Row } from "./rows";

/** What is to be sent for the rows, and what is wrong with those that cannot be. */
export interface Asked {
  readonly queries: readonly MetricQuery[];
  /** By row: the field and the reason. */
  readonly wrong: ReadonlyMap<string, RowError>;
}

export interface RowError {
  readonly field: string;
  readonly reason: string;
}

/**
 * The queries of rows that are complete. Hidden rows are sent only where a visible expression needs them.
 * A row whose expression cannot be read is left out, and those that need it, too.
 */
export function asked(rows: readonly Row[]): Asked {
  const wrong = new Map<string, RowError>();
  const needs = new Map<string, readonly string[]>();
  for (const row of rows) {
    if (row.kind === "expression" && row.expression !== "") {
      const others = new Set(rows.filter((each) => each.id !== row.id).map((each) => each.id));
      const found = check(row.expression, others);
      needs.set(row.id, found.names);
      if (found.wrong !== null) {
        const { at, reason } = found.wrong;
        wrong.set(row.id, { field: "expression", reason: `Character ${at + 1}: ${reason}.` });
      }
    }
  }
  const usable = new Set<string>();
  for (let before = -1; before !== usable.size; ) {
    before = usable.size;
    for (const row of rows) {
      if (isReady(row, needs, wrong, usable)) {
        usable.add(row.id);
      }
    }
  }
  const sent = new Set<string>();
  const send = (id: string) => {
    if (usable.has(id) && !sent.has(id)) {
      sent.add(id);
      for (const needed of needs.get(id) ?? []) {
        send(needed);
      }
    }
  };
  for (const row of rows.filter((each) => !each.hidden)) {
    send(row.id);
  }
  return { queries: rows.filter((row) => sent.has(row.id)).map(queryOf), wrong };
}

function isReady(
  row: Row,
  needs: ReadonlyMap<string, readonly string[]>,
  wrong: ReadonlyMap<string, RowError>,
  usable: ReadonlySet<string>,
): boolean {
  if (row.kind === "metric") {
    return row.metric !== "";
  }
  return (
    row.expression !== "" &&
    !wrong.has(row.id) &&
    (needs.get(row.id) ?? []).every((id) => usable.has(id))
  );
}

/** One row as the API takes it. */
export function queryOf(row: Row): MetricQuery {
  const shared = {
    id: row.id,
    ...(row.fill === "null" ? {} : { fill: row.fill }),
    ...(row.hidden ? { hidden: true } : {}),
  };
  if (row.kind === "expression") {
    return { ...shared, expression: row.expression };
  }
  return {
    ...shared,
    metric: row.metric,
    statistic: row.statistic,
    ...(row.filters.length > 0 ? { filters: row.filters } : {}),
    ...(row.groupBy.length > 0 ? { group_by: row.groupBy } : {}),
    ...(row.period === null ? {} : { period: row.period }),
  };
}

/** The API's reasons by row: it counts the queries that were sent. What belongs to no row is not in it. */
export function refusedRows(
  error: unknown,
  sent: readonly MetricQuery[],
): ReadonlyMap<string, RowError> {
  const found = new Map<string, RowError>();
  for (const each of error instanceof ApiProblem ? error.errors : []) {
    const place = /^queries\.(\d+)(?:\.(.+))?$/.exec(each.field);
    const row = sent[Number(place?.[1] ?? Number.NaN)];
    if (row !== undefined && !found.has(row.id)) {
      found.set(row.id, { field: place?.[2]?.split(".")[0] ?? "", reason: each.reason });
    }
  }
  return found;
}
