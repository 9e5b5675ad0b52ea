import { expect, test } from "vitest";
import { around, missed } from "./last-seen";
import { newRow } from "./rows";

const span = { start: 1_000_000, end: 2_000_000 };
const row = { ...newRow("metric", []), metric: "cpu" };
const result = { id: "a", period: 60, resolution: "raw", series: [] } as const;
const known = { name: "cpu", complete: true, series: 1, unit: null, last_seen: 500_000 };

test("a metric with its last points before the range is told", () => {
  expect(missed([row], [result], [known], span)).toEqual([{ metric: "cpu", lastSeen: 500_000 }]);
});

test("nothing is told where there are points, or filters took them away, or the metric is unknown", () => {
  const line = { tags: {}, unit: null, timestamps: [], values: [] };
  expect(missed([row], [{ ...result, series: [line] }], [known], span)).toEqual([]);
  expect(missed([row], [result], [{ ...known, last_seen: 1_500_000 }], span)).toEqual([]);
  expect(missed([row], [result], [], span)).toEqual([]);
});

test("the last points lie near the end of what is shown instead", () => {
  expect(around(500_000, span)).toEqual({ start: -450_000, end: 550_000 });
});
