import { describe, expect, test } from "vitest";
import { dragStep, extent, keyStep, niceStep, roundTo } from "./extent";

describe("the axis of values", () => {
  test("begins at zero where values are near it", () => {
    expect(extent(2, 10, [], "line")).toEqual({ low: 0, high: 10.8 });
  });

  test("shows small changes far from zero large", () => {
    const { low, high } = extent(99, 100, [], "line");
    expect(low).toBeGreaterThan(98);
    expect(high).toBeLessThan(101);
  });

  test("begins at zero under an area wherever the values are", () => {
    expect(extent(99, 100, [], "area").low).toBe(0);
    expect(extent(-100, -99, [], "area").high).toBe(0);
  });

  test("has room for every threshold", () => {
    const { low, high } = extent(40, 50, [80, -5], "line");
    expect(low).toBeLessThan(-5);
    expect(high).toBeGreaterThan(80);
  });

  test("has a height for one value, for zero alone, and for none", () => {
    expect(extent(5, 5, [], "line").low).toBeLessThan(5);
    expect(extent(5, 5, [], "line").high).toBeGreaterThan(5);
    expect(extent(0, 0, [], "line")).toEqual({ low: 0, high: 1 });
    expect(extent(null, null, [], "line")).toEqual({ low: 0, high: 1 });
    expect(extent(null, null, [80], "line").high).toBeGreaterThan(80);
  });
});

describe("steps", () => {
  test.each([
    [0.003, 0.005],
    [1, 1],
    [1.2, 2],
    [30, 50],
    [7e9, 1e10],
    [0, 1],
  ])("of about %d are %d", (rough, step) => {
    expect(niceStep(rough)).toBeCloseTo(step, 12);
  });

  test("a drag has the precision of a pixel, a key that of a hundredth", () => {
    expect(dragStep({ low: 0, high: 100 }, 250)).toBe(0.5);
    expect(keyStep({ low: 0, high: 100 })).toBe(1);
  });

  test("rounding leaves no binary noise", () => {
    expect(roundTo(0.30000000000000004, 0.1)).toBe(0.3);
    expect(roundTo(12_345, 500)).toBe(12_500);
    expect(roundTo(-0.001, 0.5)).toBe(0);
  });
});
