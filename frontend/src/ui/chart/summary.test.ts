import { expect, test } from "vitest";
import { spoken, summarise } from "./summary";

const percent = (value: number) => `${value} %`;
const series = (label: string) => ({ id: label, label, tags: {}, timestamps: [], values: [] });

test("gaps count for nothing", () => {
  expect(summarise([null, 2, undefined, 4, null])).toEqual({ least: 2, most: 4, mean: 3, last: 4 });
  expect(summarise([null, undefined])).toEqual({ least: null, most: null, mean: null, last: null });
});

test("a reader hears how many lines there are, their range, and the gaps", () => {
  expect(spoken([series("a")], [[1, null, 3]], percent)).toBe(
    "1 series, 1 gap. a: least 1 %, most 3 %, last 3 %.",
  );
});

test("of many lines the first are read, and how many more there are", () => {
  const many = ["a", "b", "c", "d", "e"].map(series);
  const text = spoken(
    many,
    many.map(() => [1]),
    percent,
  );
  expect(text).toContain("5 series, no gaps.");
  expect(text).toContain("And 2 more: see the table.");
  expect(text).not.toContain("d:");
});

test("a reader hears that there is nothing", () => {
  expect(spoken([series("a")], [[null]], percent)).toBe("No data in this range.");
});
