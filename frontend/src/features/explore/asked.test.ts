import { describe, expect, test } from "vitest";
import { ApiProblem } from "~/api/problem";
import { asked, refusedRows } from "./asked";
import { newRow, type Row } from "./rows";

const base = newRow("metric", []);
const metric = (id: string, more: Partial<Row> = {}): Row => ({ ...base, id, metric: id, ...more });
const formula = (id: string, expression: string, more: Partial<Row> = {}): Row => ({
  ...base,
  id,
  kind: "expression",
  expression,
  ...more,
});
const ids = (rows: Row[]) => asked(rows).queries.map((query) => query.id);

describe("what is asked for", () => {
  test("is complete rows as the API takes them", () => {
    const row = metric("a", {
      filters: [{ tag: "host", op: "=", value: "x" }],
      groupBy: ["host"],
      period: 60,
      fill: "zero",
    });
    expect(asked([row, { ...base, id: "z" }]).queries).toEqual([
      {
        id: "a",
        metric: "a",
        statistic: "avg",
        filters: [{ tag: "host", op: "=", value: "x" }],
        group_by: ["host"],
        period: 60,
        fill: "zero",
      },
    ]);
  });

  test("are hidden rows only where something visible needs them", () => {
    const [a, b] = [metric("a", { hidden: true }), metric("b", { hidden: true })];
    expect(ids([a, b, formula("c", "a * 2")])).toEqual(["a", "c"]);
    expect(asked([a, formula("c", "a * 2")]).queries[0]).toMatchObject({ hidden: true });
    expect(ids([a, formula("c", "a * 2", { hidden: true }), formula("d", "c + 1")])).toEqual([
      "a",
      "c",
      "d",
    ]);
  });

  test("is not what cannot be read, nor what needs that", () => {
    const rows = [metric("a"), formula("b", "a +"), formula("c", "b * 2")];
    expect(ids(rows)).toEqual(["a"]);
    expect(asked(rows).wrong.get("b")).toEqual({
      field: "expression",
      reason: "Character 4: expected a query's letter or a number, not the end.",
    });
  });

  test("is nothing that needs itself", () => {
    expect(ids([formula("a", "b + 1"), formula("b", "a + 1")])).toEqual([]);
    expect(asked([formula("a", "a + 1")]).wrong.get("a")?.reason).toContain('no query "a"');
  });

  test("is nothing that waits for a metric", () => {
    expect(ids([base, formula("b", "a * 2")])).toEqual([]);
  });
});

test("the API's reasons come to the rows that they are about", () => {
  const sent = asked([metric("a"), metric("b"), formula("c", "a / b")]).queries;
  const problem = new ApiProblem(
    422,
    {
      errors: [
        { field: "queries.2.expression", reason: "units differ" },
        { field: "queries.0.filters.1.value", reason: "is too long" },
        { field: "queries", reason: "too many points" },
        { field: "queries.9.metric", reason: "?" },
      ],
    },
    null,
  );
  expect([...refusedRows(problem, sent)]).toEqual([
    ["c", { field: "expression", reason: "units differ" }],
    ["a", { field: "filters", reason: "is too long" }],
  ]);
  expect(refusedRows(new Error("no"), sent).size).toBe(0);
});
