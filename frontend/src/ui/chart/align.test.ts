import { describe, expect, test } from "vitest";
import { align, gapsOf, withGaps } from "./align";
import type { ChartSeries } from "./types";

const MINUTE = 60_000;

function line(id: string, timestamps: number[], values: (number | null)[]): ChartSeries {
  return { id, label: id, tags: {}, timestamps, values };
}

describe("gaps", () => {
  test("a missing bucket becomes a null", () => {
    const points = { times: [0, MINUTE, 3 * MINUTE], values: [1, 2, 3] };
    expect(withGaps(points, 60)).toEqual({
      times: [0, MINUTE, 2 * MINUTE, 3 * MINUTE],
      values: [1, 2, null, 3],
    });
  });

  test("many missing buckets need one null", () => {
    const found = withGaps({ times: [0, 1000 * MINUTE], values: [1, 2] }, 60);
    expect(found.values).toEqual([1, null, 2]);
  });

  test("a day of 25 hours is no gap", () => {
    const hour = 60 * MINUTE;
    const points = { times: [0, 24 * hour, 49 * hour], values: [1, 2, 3] };
    expect(withGaps(points, 86_400)).toBe(points);
  });

  test("are counted between values only", () => {
    expect(gapsOf([null, 1, null, null, 2, undefined, 3, null])).toBe(1);
    expect(gapsOf([])).toBe(0);
    expect(gapsOf([1, null, 2, null, 3])).toBe(2);
  });
});

describe("alignment", () => {
  test("series of the same buckets are taken as they are", () => {
    const times = [0, MINUTE];
    const values = [1, null];
    const found = align([line("a", times, values), line("b", [0, MINUTE], [3, 4])], 60);
    expect(found.times).toBe(times);
    expect(found.columns[0]).toBe(values);
  });

  test("what only another series has is no gap", () => {
    const found = align([line("a", [0, MINUTE], [1, 2]), line("b", [MINUTE], [5])], 60);
    expect(found).toEqual({
      times: [0, MINUTE],
      columns: [
        [1, 2],
        [undefined, 5],
      ],
    });
  });

  test("each series has gaps by its own period", () => {
    const coarse = { ...line("b", [0, 5 * MINUTE], [10, 20]), period: 300 };
    const found = align([line("a", [0, MINUTE, 5 * MINUTE], [1, 2, 3]), coarse], 60);
    expect(found.times).toEqual([0, MINUTE, 2 * MINUTE, 5 * MINUTE]);
    expect(found.columns).toEqual([
      [1, 2, null, 3],
      [10, undefined, undefined, 20],
    ]);
  });

  test("of nothing is nothing", () => {
    expect(align([], 60)).toEqual({ times: [], columns: [] });
  });
});
