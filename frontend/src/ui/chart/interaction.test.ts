import { describe, expect, test } from "vitest";
import { cursorAfter, rowsAt } from "./cursor";
import { rankOf } from "./heatmap";
import { Signal } from "./signal";
import { visibleRows } from "./table";
import { stepsOf, topOf, valueAt } from "./threshold";

const area = { left: 60, top: 8, width: 800, height: 200, low: 0, high: 100 };
const series = (id: string) => ({ id, label: id, tags: {}, timestamps: [], values: [] });

describe("a line under the pointer", () => {
  test("lies where its value is, and has the value of where it lies", () => {
    expect(topOf(75, area)).toBe(50);
    expect(valueAt(50, area)).toBe(75);
    expect(valueAt(33, area)).toBe(83.5);
  });

  test("does not leave the plot", () => {
    expect(valueAt(-500, area)).toBe(100);
    expect(valueAt(5_000, area)).toBe(0);
  });

  test("goes by arrows, and by larger steps", () => {
    expect(
      ["ArrowUp", "ArrowDown", "PageUp", "PageDown"].map((key) => stepsOf(key, false)),
    ).toEqual([1, -1, 10, -10]);
    expect(stepsOf("ArrowUp", true)).toBe(10);
    expect(stepsOf("Tab", false)).toBeNull();
  });
});

describe("the cursor", () => {
  const aligned = { times: [0, 1, 2], columns: [[1, null, 3], [9, undefined, 7], [null]] };

  test("tells the largest first, and nothing of gaps", () => {
    const rows = rowsAt(["a", "b", "c"].map(series), aligned, 0);
    expect(rows.map((row) => [row.series.id, row.value])).toEqual([
      ["b", 9],
      ["a", 1],
    ]);
  });

  test("tells a coarser series' value within its bucket", () => {
    const rows = rowsAt(["a", "b"].map(series), aligned, 1);
    expect(rows.map((row) => [row.series.id, row.value])).toEqual([["b", 9]]);
  });

  test("stays within time", () => {
    expect(cursorAfter("ArrowLeft", 0, 10)).toBe(0);
    expect(cursorAfter("ArrowRight", 9, 10)).toBe(9);
    expect(cursorAfter("End", 0, 10)).toBe(9);
    expect(cursorAfter("PageUp", 0, 100)).toBe(10);
    expect(cursorAfter("Home", 5, 0)).toBeNull();
    expect(cursorAfter("x", 5, 10)).toBeNull();
  });
});

test("only rows in sight are rendered, with some to spare", () => {
  expect(visibleRows(0, 280, 10_000)).toEqual([0, 18]);
  expect(visibleRows(28_000, 280, 10_000)).toEqual([992, 1_018]);
  expect(visibleRows(0, 280, 3)).toEqual([0, 3]);
});

test("a percentile is known by its name", () => {
  expect(rankOf(series("p99.9"))).toBe(99.9);
  expect(rankOf(series("latency p50"))).toBe(50);
  expect(rankOf(series("avg"))).toBeNull();
});

test("a signal tells of changes only", () => {
  const signal = new Signal({ left: 1 });
  let told = 0;
  const stop = signal.subscribe(() => {
    told += 1;
  });
  signal.set({ left: 1 });
  expect(told).toBe(0);
  signal.set({ left: 2 });
  stop();
  signal.set({ left: 3 });
  expect(told).toBe(1);
});
