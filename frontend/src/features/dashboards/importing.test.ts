import { describe, expect, test } from "vitest";
import { contentFrom, exported, fileNameOf, imported } from "./importing";

const line = {
  ...{ id: "cpu", title: "CPU", type: "line", x: 0, y: 0, w: 6, h: 4 },
  queries: [
    {
      ...{ id: "a", metric: "system.cpu.utilization", statistic: "p99", period: 60 },
      filters: [{ tag: "host", op: "=", value: "$host" }],
      group_by: ["host"],
    },
    { id: "b", expression: "a / 100", hidden: true },
  ],
  unit: "Percent",
  thresholds: [{ value: 90, severity: "high" }],
};
const whole = {
  name: "Hosts <b>&</b>",
  description: "All of them",
  range: { last: 900 },
  variables: [{ name: "host", tag: "host", default: ["a"] }],
  panels: [
    line,
    { id: "t", title: "", type: "text", x: 6, y: 0, w: 6, h: 1, text: "See\nhttps://example.com" },
    { id: "n", title: "Now", type: "alerts", x: 6, y: 1, w: 6, h: 3, alerts: { severity: "high" } },
  ],
};
const wrongOf = (source: unknown) => {
  const found = contentFrom(source);
  return "wrong" in found ? found.wrong.map((each) => `${each.field} ${each.reason}`) : [];
};
const withPanel = (change: object) => ({ ...whole, panels: [{ ...line, ...change }] });
const withQuery = (change: object) => withPanel({ queries: [{ ...line.queries[0], ...change }] });

test("what is exported is imported again, and is the same", () => {
  const first = contentFrom(whole);
  if (!("content" in first)) {
    throw new Error(JSON.stringify(first.wrong));
  }
  expect(first.content.panels.map((each) => each.id)).toEqual(["cpu", "t", "n"]);
  expect(imported(exported(first.content))).toEqual(first);
});

test("an answer of the API can be imported, too", () => {
  const answer = { ...whole, id: "x", version: 3, created_at: 1, updated_at: 2, updated_by: "p" };
  expect(wrongOf(answer)).toEqual([]);
});

test("what is left out has its default", () => {
  expect(contentFrom({ name: "Empty" })).toEqual({
    content: { name: "Empty", description: "", range: { last: 3600 }, variables: [], panels: [] },
  });
});

test("a text that is no JSON, or no object, is refused as a whole", () => {
  expect(imported("{")).toEqual({
    wrong: [{ field: "the file", reason: expect.stringMatching(/^is not JSON: /) }],
  });
  expect(wrongOf([])[0]).toBe("the file must be an object: { ... }");
});

test("panels that cover each other are parted", () => {
  const found = contentFrom({ ...whole, panels: [line, { ...line, id: "second" }] });
  expect("content" in found && found.content.panels.map((each) => each.y)).toEqual([0, 4]);
});

describe("what is wrong is told by field:", () => {
  test.each([
    ["a name is missing", { ...whole, name: undefined }, "name is required"],
    ["a name is blank", { ...whole, name: "  " }, "name must have a visible character"],
    ["a field is unknown", { ...whole, nmae: 1 }, "nmae is not a field of a dashboard"],
    ["a range is short", { ...whole, range: { last: 1 } }, "range.last must be a whole number"],
    ["panels are no list", { ...whole, panels: {} }, "panels must be a list: [ ... ]"],
    ["a panel is no object", { ...whole, panels: [3] }, "panels.0 must be an object: { ... }"],
    ["a type is unknown", withPanel({ type: "pie" }), "panels.0.type must be one of line, area"],
    ["a panel is too wide", withPanel({ x: 8 }), "panels.0.w the panel ends beyond the 12 columns"],
    ["a place is no number", withPanel({ y: "0" }), "panels.0.y must be a whole number from 0"],
    ["an unknown field of a panel", withPanel({ colour: 1 }), "panels.0.colour is not a field"],
    ["a unit is unknown", withPanel({ unit: "Furlongs" }), "panels.0.unit must be one of None"],
    [
      "no query is shown",
      withPanel({ queries: [] }),
      "panels.0.queries a panel of type line needs",
    ],
    [
      "a text of a chart",
      withPanel({ text: "x" }),
      "panels.0.text is for panels of type text only",
    ],
    [
      "a text panel without text",
      withPanel({ type: "text", queries: [] }),
      "panels.0.text is required for a panel of type text",
    ],
    [
      "a severity is unknown",
      withPanel({ thresholds: [{ value: 1, severity: "bad" }] }),
      "panels.0.thresholds.0.severity must be one of critical",
    ],
    [
      "a threshold is no number",
      withPanel({ thresholds: [{ value: "1", severity: "low" }] }),
      "panels.0.thresholds.0.value must be a number",
    ],
    [
      "a metric's name",
      withQuery({ metric: "1 bad" }),
      "panels.0.queries.0.metric must have 1 to 255",
    ],
    ["a statistic", withQuery({ statistic: "p101" }), "panels.0.queries.0.statistic must be avg"],
    ["a query's id", withQuery({ id: "A" }), "panels.0.queries.0.id must begin with a small"],
    ["a function's name", withQuery({ id: "avg" }), "panels.0.queries.0.id avg is the name of"],
    [
      "an expression with a metric",
      withQuery({ expression: "1" }),
      "panels.0.queries.0.metric is not for expressions",
    ],
    [
      "a variable that is not there",
      withQuery({ filters: [{ tag: "zone", op: "=", value: "$zone" }] }),
      "panels.0.queries.0.filters.0.value there is no variable zone; there are: host",
    ],
    [
      "a variable as a prefix",
      withQuery({ filters: [{ tag: "host", op: "prefix", value: "$host" }] }),
      "panels.0.queries.0.filters.0.value a variable needs one of =, !=, in as op",
    ],
    [
      "an empty list",
      withQuery({ filters: [{ tag: "host", op: "in", value: [] }] }),
      "panels.0.queries.0.filters.0.value must be a list of 1 to 100 texts",
    ],
    ["two panels with one id", { ...whole, panels: [line, line] }, "panels.1.id cpu stands for"],
    [
      "two variables with one name",
      { ...whole, variables: [whole.variables[0], whole.variables[0]] },
      "variables.1.name host stands for another already",
    ],
    [
      "a variable's name",
      { ...whole, variables: [{ ...whole.variables[0], name: "my host" }], panels: [] },
      "variables.0.name must have 1 to 64 letters",
    ],
  ])("%s", (_, source, told) => {
    expect(wrongOf(source).some((each) => each.startsWith(told))).toBe(true);
  });

  test("all of it at once", () => {
    expect(wrongOf({ panels: [{ ...line, type: "pie", x: 99 }] }).length).toBeGreaterThan(2);
  });
});

test("a file is named after the dashboard", () => {
  expect(fileNameOf("Host overview: <b>web</b>/1")).toBe("host-overview-b-web-b-1.json");
  expect(fileNameOf("日本")).toBe("dashboard.json");
});
