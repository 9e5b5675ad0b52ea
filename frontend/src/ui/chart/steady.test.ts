import { expect, test } from "vitest";
import { align } from "./align";
import { steady } from "./steady";

const times = (count: number) => Array.from({ length: count }, (_, i) => i * 5_000);

test("a point in every other bucket is no gap", () => {
  const found = steady(times(12), [1, null, 2, null, 3, null, 4, null, 5, null, 6, null], 5);
  expect(found).toEqual({
    timestamps: [0, 10_000, 20_000, 30_000, 40_000, 50_000],
    values: [1, 2, 3, 4, 5, 6],
    period: 10,
  });
});

test("what is missing beyond the usual interval stays a gap", () => {
  const values = [1, null, 2, null, 3, null, null, null, null, null, 4, null, 5, null, 6];
  const found = steady(times(15), values, 5);
  const { columns } = align([{ id: "a", label: "a", tags: {}, ...found }], 5);
  expect(columns[0]).toEqual([1, 2, 3, null, 4, 5, 6]);
});

test("a bucket that comes a little late joins", () => {
  const values = [1, null, 2, null, null, 3, 4, null, 5, null, 6, null];
  const found = steady(times(12), values, 5);
  const { columns } = align([{ id: "a", label: "a", tags: {}, ...found }], 5);
  expect(columns[0]).toEqual([1, 2, 3, 4, 5, 6]);
});

test("a series in every bucket is left as it is, gaps and all", () => {
  const values = [1, 2, null, 3, 4, 5, 6];
  expect(steady(times(7), values, 5)).toEqual({ timestamps: times(7), values, period: 5 });
});

test("a few points tell no interval", () => {
  const values = [1, null, 2, null, 3];
  expect(steady(times(5), values, 5).values).toBe(values);
});
