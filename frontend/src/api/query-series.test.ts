import { describe, expect, test } from "vitest";
import type { Line, QueryResult } from "./query";
import { chartSeries, commonUnit, finestPeriod, inColoursOf } from "./query-series";

function result(id: string, ...series: Line[]): QueryResult {
  return { id, period: 60, resolution: "raw", series };
}

function line(tags: Record<string, string>, unit: string | null = "Percent"): Line {
  return { tags, unit, timestamps: [0, 60_000], values: [1, null] };
}

describe("an answer's series", () => {
  test("of one query are called by their tags", () => {
    const found = chartSeries([result("a", line({ host: "x" }), line({ host: "y" }))]);
    expect(found.map((each) => each.label)).toEqual(["host=x", "host=y"]);
    expect(found.map((each) => each.slot)).toEqual([0, 1]);
  });

  test("without tags are called as the query", () => {
    const found = chartSeries([result("a", line({}))], { nameOf: () => "cpu (avg)" });
    expect(found[0]?.label).toBe("cpu (avg)");
  });

  test("of several queries are told apart by both", () => {
    const found = chartSeries([result("a", line({ host: "x" })), result("b", line({}))]);
    expect(found.map((each) => each.label)).toEqual(["a · host=x", "b"]);
  });

  test("have the same id whatever the order of tags", () => {
    const [one] = chartSeries([result("a", line({ host: "x", zone: "1" }))]);
    const [other] = chartSeries([result("a", line({ zone: "1", host: "x" }))]);
    expect(one?.id).toBe(other?.id);
  });

  test("of last week lie on this week, faintly, in the colours of this week's", () => {
    const present = chartSeries([result("a", line({ host: "x" }), line({ host: "y" }))]);
    const before = chartSeries([result("a", line({ host: "y" }))], {
      shift: 1_000,
      suffix: "a week before",
    });
    const [moved] = inColoursOf(before, present);
    expect(moved).toMatchObject({
      faint: true,
      slot: 1,
      timestamps: [1_000, 61_000],
      label: "host=y (a week before)",
    });
    expect(moved?.id).not.toBe(present[1]?.id);
  });
});

test("an empty bucket is a gap where somebody chose the period", () => {
  const values = [1, null, 2, null, 3, null, 4, null, 5];
  const sparse = { tags: {}, unit: null, values, timestamps: values.map((_, i) => i * 60_000) };
  const [joined] = chartSeries([result("a", sparse)]);
  const [exact] = chartSeries([result("a", sparse)], { isExact: () => true });
  expect(joined).toMatchObject({ values: [1, 2, 3, 4, 5], period: 120 });
  expect(exact).toMatchObject({ values, period: 60 });
});

test("a chart has a unit where all its series have the same", () => {
  const bytes = line({ disk: "a" }, "Bytes");
  expect(commonUnit(chartSeries([result("a", line({}), line({ host: "b" }))]))).toBe("Percent");
  expect(commonUnit(chartSeries([result("a", line({}), bytes)]))).toBeUndefined();
  expect(commonUnit([])).toBeUndefined();
});

test("the finest period decides", () => {
  expect(finestPeriod([result("a"), { ...result("b"), period: 10 }])).toBe(10);
});
