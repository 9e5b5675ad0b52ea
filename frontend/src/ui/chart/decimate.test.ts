import { expect, test } from "vitest";
import { decimate } from "./decimate";

test("few values are left as they are", () => {
  expect(decimate([1, null, 3], 10)).toEqual([
    { at: 0, value: 1 },
    { at: 0.5, value: null },
    { at: 1, value: 3 },
  ]);
});

test("no peak and no valley is lost", () => {
  const values = Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 100));
  values[4_321] = 50;
  values[7_777] = -50;
  const found = decimate(values, 100).map((each) => each.value);
  expect(found.length).toBeLessThanOrEqual(200);
  expect(found).toContain(50);
  expect(found).toContain(-50);
});

test("of a column the order stays", () => {
  const found = decimate([5, 1, 9, 2, 0, 0, 0, 7], 2).map((each) => each.value);
  expect(found).toEqual([1, 9, 0, 7]);
});

test("a stretch without values stays a gap", () => {
  const values = Array.from({ length: 1_000 }, (_, i) => (i >= 400 && i < 600 ? null : i));
  const gaps = decimate(values, 100).filter((each) => each.value === null);
  expect(gaps).toHaveLength(20);
});
