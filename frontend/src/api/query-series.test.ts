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

test("a chart has a unit where all its series have the same", () => {
  const bytes = line({ disk: "a" }, "Bytes");
  expect(commonUnit(chartSeries([result("a", line({}), line({ host: "b" }))]))).toBe("Percent");
  expect(commonUnit(chartSeries([result("a", line({}), bytes)]))).toBeUndefined();
  expect(commonUnit([])).toBeUndefined();
});

test("the finest period decides", () => {
  expect(finestPeriod([result("a"), { ...result("b"), period: 10 }])).toBe(10);
});
