import { expect, test } from "vitest";
import { isolated, type PlotModel, shape, valueTicks } from "./plot-options";

test("a point with gaps on both sides is found, to be drawn as a dot", () => {
  expect(isolated([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(isolated([null, 1, undefined, null])).toEqual([1]);
  expect(isolated([1, undefined, 2])).toEqual([]);
  expect(isolated([])).toEqual([]);
});

test("values at an axis never look the same", () => {
  expect(valueTicks([0, 50, 100], "Percent")).toEqual(["0\u202f%", "50\u202f%", "100\u202f%"]);
  const close = valueTicks([100.001, 100.002], undefined);
  expect(new Set(close).size).toBe(2);
});

const model: PlotModel = {
  series: [{ id: "a", label: "a", tags: {}, timestamps: [0], values: [1], slot: 0 }],
  times: [0],
  columns: [[1]],
  range: { start: 0, end: 1 },
  kind: "line",
  unit: undefined,
  thresholds: [],
  bands: [],
  hidden: new Set(),
  mode: "light",
  syncKey: undefined,
  onZoom: undefined,
  painter: undefined,
};

test("new data, a new range and new thresholds need no new plot", () => {
  const series = model.series.map((each) => ({ ...each, values: [2] }));
  const next = { ...model, series, range: { start: 1, end: 2 }, thresholds: [5] };
  expect(shape(next)).toBe(shape(model));
});

test("other series, another mode and another kind need one", () => {
  const series = model.series.map((each) => ({ ...each, id: "b" }));
  expect(shape({ ...model, series })).not.toBe(shape(model));
  expect(shape({ ...model, mode: "dark" })).not.toBe(shape(model));
  expect(shape({ ...model, kind: "area" })).not.toBe(shape(model));
});
