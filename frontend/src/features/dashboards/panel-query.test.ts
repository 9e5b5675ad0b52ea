import { describe, expect, test } from "vitest";
import type { components } from "~/api/schema";
import type { ChartSeries } from "~/ui/chart/types";
import type { PanelQuery } from "./model";
import {
  byPercentile,
  maxPoints,
  percentilesOf,
  ranked,
  requestFor,
  seriesOf,
  severityAt,
  toneAt,
  unitOf,
} from "./panel-query";

type Answer = components["schemas"]["QueryAnswer"];
const HOUR = 3_600_000;
const span = { start: 0, end: HOUR };

const line = (tags: Record<string, string>, values: (number | null)[] = [1], unit = "Percent") => ({
  ...{ tags, unit, values },
  timestamps: values.map((_, index) => index * 60_000),
});
const answer = (results: Record<string, ReturnType<typeof line>[]>): Answer => ({
  results: Object.entries(results).map(([id, series]) => ({
    ...{ id, series, period: 60, resolution: "points" as never },
  })),
  warnings: [],
  cursor: null,
});
const labels = (found: readonly ChartSeries[]) => found.map((each) => each.label);

describe("how many points are asked for", () => {
  test("at most two a pixel", () => {
    expect(maxPoints(100, { start: 0, end: 90 * 24 * HOUR })).toBe(200);
    expect(maxPoints(0, span)).toBe(2);
  });

  test("no finer than points come: a minute, and ten seconds in a short range", () => {
    expect(maxPoints(1_000, span)).toBe(62);
    expect(maxPoints(1_000, { start: 0, end: HOUR / 4 })).toBe(92);
  });
});

test("a request has the range, the queries and the most points", () => {
  const queries: PanelQuery[] = [{ id: "a", metric: "cpu" }];
  expect(requestFor({ type: "line" }, queries, span, 600)).toEqual({
    ...{ start: 0, end: HOUR, points: 62, queries },
  });
});

describe("a heat map", () => {
  const one: PanelQuery = { id: "a", metric: "cpu", statistic: "avg", group_by: ["host"] };

  test("asks for percentiles of its first metric, over all groups", () => {
    const asked = byPercentile([{ id: "x", expression: "a" }, one]);
    expect(asked.map((each) => each.statistic)).toContain("p99");
    expect(new Set(asked.map((each) => each.id)).size).toBe(asked.length);
    expect(asked.every((each) => each.metric === "cpu" && each.group_by?.length === 0)).toBe(true);
  });

  test("asks for the percentiles that it names", () => {
    const named = ["p10", "p99.9"].map((statistic, n) => ({ ...one, id: `q${n}`, statistic }));
    expect(byPercentile(named)).toEqual(named);
    const found = percentilesOf(answer({ q0: [line({})], q1: [line({})] }), named);
    expect(found.map((each) => each.id)).toEqual(["p10", "p99.9"]);
  });

  test("without a metric asks for nothing", () => {
    expect(byPercentile([])).toEqual([]);
  });
});

describe("lines are named by what tells them apart:", () => {
  const queries: PanelQuery[] = [
    { id: "a", metric: "cpu" },
    { id: "b", metric: "mem" },
    { id: "c", expression: "a / b" },
  ];

  test("the tag's value where one query is grouped by one tag", () => {
    const found = seriesOf(
      answer({ a: [line({ host: "<b>x</b>" }), line({ host: "" })] }),
      queries,
    );
    expect(labels(found)).toEqual(["<b>x</b>", "no host"]);
  });

  test("all tags where there are several", () => {
    const found = seriesOf(answer({ a: [line({ host: "x", zone: "y" })] }), queries);
    expect(labels(found)).toEqual(["host=x, zone=y"]);
  });

  test("the metric where nothing is grouped, the expression where one is computed", () => {
    expect(labels(seriesOf(answer({ a: [line({})], c: [line({})] }), queries))).toEqual([
      "cpu",
      "a / b",
    ]);
  });

  test("metric and tag where several queries are grouped", () => {
    const found = seriesOf(answer({ a: [line({ host: "x" })], b: [line({ host: "x" })] }), queries);
    expect(labels(found)).toEqual(["cpu, x", "mem, x"]);
    expect(new Set(found.map((each) => each.id)).size).toBe(2);
  });

  test("the statistic where one metric has several", () => {
    const both: PanelQuery[] = [
      { id: "a", metric: "cpu" },
      { id: "b", metric: "cpu", statistic: "max" },
    ];
    expect(labels(seriesOf(answer({ a: [line({})], b: [line({})] }), both))).toEqual([
      "cpu avg",
      "cpu max",
    ]);
  });
});

test("the unit is the panel's, else the one that all lines have", () => {
  const percent = seriesOf(answer({ a: [line({})] }), []);
  const mixed = [...percent, ...seriesOf(answer({ b: [line({}, [1], "Bytes")] }), [])];
  expect(unitOf({ unit: "Count" }, mixed)).toBe("Count");
  expect(unitOf({}, percent)).toBe("Percent");
  expect(unitOf({}, mixed)).toBeNull();
  expect(unitOf({}, [])).toBeNull();
});

test("a number has the tone of the highest threshold that it has reached", () => {
  const thresholds = [
    { value: 90, severity: "critical" as const },
    { value: 70, severity: "medium" as const },
  ];
  expect([69, 70, 90].map((value) => severityAt(value, thresholds))).toEqual([
    null,
    "medium",
    "critical",
  ]);
  expect(toneAt(1, thresholds)).toBe("ok");
  expect(toneAt(1, [])).toBeNull();
  expect(toneAt(null, thresholds)).toBeNull();
});

test("a top list is in the order of last values; bars are relative to the largest", () => {
  const series = seriesOf(
    answer({
      a: [
        line({ host: "x" }, [9, 1]),
        line({ host: "y" }, [4, null]),
        line({ host: "z" }, [null]),
        line({ host: "w" }, [-2]),
      ],
    }),
    [],
  );
  expect(ranked(series).map((each) => [each.label, each.value, each.share])).toEqual([
    ["y", 4, 1],
    ["x", 1, 0.25],
    ["w", -2, 0.5],
  ]);
  expect(ranked([])).toEqual([]);
});
