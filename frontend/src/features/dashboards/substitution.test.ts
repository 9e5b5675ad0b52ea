import { describe, expect, test } from "vitest";
import type { Panel, PanelFilter, PanelQuery, Variable } from "./model";
import { choicesOf, metricFor, substituted, variableIn, variablesOf } from "./substitution";

const query = (...filters: PanelFilter[]): PanelQuery => ({ id: "a", metric: "cpu", filters });
const filtersOf = (filter: PanelFilter, chosen: Record<string, readonly string[]>) => {
  const answer = substituted([query(filter)], chosen);
  return "queries" in answer ? answer.queries[0]?.filters : answer.refused;
};

test("only a whole value names a variable", () => {
  expect(variableIn("$host")).toBe("host");
  for (const plain of ["web-$host", "$5", "$", "$host ", "host", "$host.name", true, 3]) {
    expect(variableIn(plain), String(plain)).toBeNull();
  }
});

test("a value that is meant as it is stays as it is", () => {
  const filter: PanelFilter = { tag: "host", op: "=", value: "costs $5" };
  expect(filtersOf(filter, { host: ["a"] })).toEqual([filter]);
  const exists: PanelFilter = { tag: "host", op: "exists", value: true };
  expect(filtersOf(exists, {})).toEqual([exists]);
});

describe("a variable", () => {
  test("with all values asks for no filter", () => {
    for (const op of ["=", "!=", "in", "prefix"] as const) {
      expect(filtersOf({ tag: "host", op, value: "$h" }, { h: [] }), op).toEqual([]);
    }
  });

  test("with one value is that value", () => {
    const one = { h: ["web 1"] };
    expect(filtersOf({ tag: "host", op: "=", value: "$h" }, one)).toEqual([
      { tag: "host", op: "=", value: "web 1" },
    ]);
    expect(filtersOf({ tag: "host", op: "prefix", value: "$h" }, one)).toEqual([
      { tag: "host", op: "prefix", value: "web 1" },
    ]);
    expect(filtersOf({ tag: "host", op: "in", value: "$h" }, one)).toEqual([
      { tag: "host", op: "in", value: ["web 1"] },
    ]);
  });

  test("with several values lets pass what equals one of them", () => {
    expect(filtersOf({ tag: "host", op: "=", value: "$h" }, { h: ["a", "b"] })).toEqual([
      { tag: "host", op: "in", value: ["a", "b"] },
    ]);
  });

  test("with several values and != lets pass what equals none of them", () => {
    expect(filtersOf({ tag: "host", op: "!=", value: "$h" }, { h: ["a", "b"] })).toEqual([
      { tag: "host", op: "!=", value: "a" },
      { tag: "host", op: "!=", value: "b" },
    ]);
  });

  test("with several values is no prefix", () => {
    expect(filtersOf({ tag: "host", op: "prefix", value: "$h" }, { h: ["a", "b"] })).toMatch(
      /takes one value of \$h; 2 are chosen/,
    );
  });

  test("in a list adds its values once", () => {
    const filter: PanelFilter = { tag: "host", op: "in", value: ["a", "$h"] };
    expect(filtersOf(filter, { h: ["a", "b"] })).toEqual([
      { tag: "host", op: "in", value: ["a", "b"] },
    ]);
    expect(filtersOf(filter, { h: [] })).toEqual([]);
  });

  test("that the dashboard does not have is told", () => {
    expect(filtersOf({ tag: "host", op: "=", value: "$h" }, {})).toMatch(/no variable \$h/);
    expect(filtersOf({ tag: "host", op: "in", value: ["$h"] }, {})).toMatch(/no variable \$h/);
  });

  test("with more values than the API takes is told", () => {
    const many = Array.from({ length: 101 }, (_, n) => `web-${n}`);
    expect(filtersOf({ tag: "host", op: "=", value: "$h" }, { h: many })).toMatch(/101 values/);
    expect(filtersOf({ tag: "host", op: "!=", value: "$h" }, { h: many })).toMatch(
      /101 conditions/,
    );
  });

  test("whose value looks like a variable is not looked up again", () => {
    expect(filtersOf({ tag: "host", op: "=", value: "$h" }, { h: ["$x"], x: ["secret"] })).toEqual([
      { tag: "host", op: "=", value: "$x" },
    ]);
  });
});

test("the rest of a query stays, expressions too", () => {
  const queries: PanelQuery[] = [
    { id: "a", metric: "cpu", statistic: "p99", group_by: ["host"], hidden: true },
    { id: "b", expression: "a * 100" },
  ];
  expect(substituted(queries, {})).toEqual({ queries });
});

test("what the URL says goes before the default, also that all are meant", () => {
  const variables: Variable[] = [
    { name: "host", tag: "host", default: ["a"] },
    { name: "zone", tag: "zone", default: ["z"] },
    { name: "app", tag: "app", default: ["x"] },
  ];
  expect(choicesOf(variables, { host: ["b"], zone: [], gone: ["y"] })).toEqual({
    host: ["b"],
    zone: [],
    app: ["x"],
  });
});

test("variables are found wherever filters use them", () => {
  const found = variablesOf([
    query({ tag: "a", op: "=", value: "$one" }, { tag: "b", op: "in", value: ["x", "$two"] }),
    { id: "b", expression: "a" },
  ]);
  expect([...found]).toEqual(["one", "two"]);
});

test("values come from the variable's metric, else from one that it filters, else from any", () => {
  const panel = (...queries: PanelQuery[]): Panel => ({
    ...{ id: "p", title: "", type: "line", x: 0, y: 0, w: 6, h: 4, thresholds: [] },
    queries,
  });
  const host: Variable = { name: "host", tag: "host", default: [] };
  const filtered = { ...query({ tag: "host", op: "=", value: "$host" }), metric: "disk" };
  const panels = [panel({ id: "a", metric: "cpu" }, filtered)];
  expect(metricFor({ ...host, metric: "own" }, panels)).toBe("own");
  expect(metricFor(host, panels)).toBe("disk");
  expect(metricFor(host, [panel({ id: "a", metric: "cpu" })])).toBe("cpu");
  expect(metricFor(host, [])).toBeNull();
});
