import { expect, test } from "vitest";
import { heatOf } from "./density";

test("where many observations lie close together it is hottest", () => {
  const [cells] = heatOf([
    [
      [10, 0],
      [50, 1],
      [90, 11],
    ],
  ]);
  expect(cells).toHaveLength(2);
  expect(cells?.[0]).toMatchObject({ low: 0, high: 1, heat: 1 });
  expect(cells?.[1]?.heat).toBeCloseTo(Math.sqrt(0.1), 6);
});

test("buckets are compared with each other", () => {
  const [narrow, wide] = heatOf([
    [
      [10, 0],
      [90, 1],
    ],
    [
      [10, 0],
      [90, 4],
    ],
  ]);
  expect(narrow?.[0]?.heat).toBe(1);
  expect(wide?.[0]?.heat).toBeCloseTo(0.5, 6);
});

test("a bucket of a single value is as hot as it gets, and a gap has no cells", () => {
  const [single, gap] = heatOf([
    [
      [10, 5],
      [90, 5],
    ],
    [
      [10, null],
      [90, null],
    ],
  ]);
  expect(single?.[0]?.heat).toBe(1);
  expect(gap).toEqual([]);
});
