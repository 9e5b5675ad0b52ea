import { describe, expect, it } from "vitest";
import { bucketsBefore, forecast, transformed } from "./transform";

describe("what is compared", () => {
  it("is the value itself without a transform", () => {
    expect(transformed(null, 60, [1, null, 3], 0)).toEqual([1, null, 3]);
  });

  it("is the change against a bucket before, in percent of its size, or per second", () => {
    const values = [10, 20, null, 30, -10];
    expect(transformed({ type: "change", offset: 60 }, 60, values, 1)).toEqual([
      10,
      null,
      null,
      -40,
    ]);
    expect(transformed({ type: "change_percent", offset: 120 }, 60, [0, -10, 5, 5], 2)).toEqual([
      null,
      150,
    ]);
    expect(transformed({ type: "change_rate", offset: 60 }, 60, [0, 120], 1)).toEqual([2]);
  });

  it("is where a straight line will be", () => {
    // One more in each bucket: two buckets after the last 4 it is 6.
    expect(forecast([1, 2, 3, 4], 2)).toBeCloseTo(6);
    expect(
      transformed({ type: "forecast", lookback: 240, horizon: 120 }, 60, [1, 2, 3, 4, 5], 3),
    ).toEqual([6, 7].map((each) => expect.closeTo(each)));
  });

  it("is nothing where less than half is known", () => {
    expect(forecast([1, null, null, null, 2, null, 3], 1)).toBeNull();
    expect(forecast([1, 2], 1)).toBeNull();
  });
});

it("knows how far back it looks", () => {
  expect(bucketsBefore(undefined, 60)).toBe(0);
  expect(bucketsBefore({ type: "change", offset: 3600 }, 60)).toBe(60);
  expect(bucketsBefore({ type: "change" }, 60)).toBe(1);
  expect(bucketsBefore({ type: "forecast", lookback: 600, horizon: 60 }, 60)).toBe(9);
  expect(bucketsBefore({ type: "deviation" }, 60)).toBeNull();
});
