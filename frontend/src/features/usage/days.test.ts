import { describe, expect, it } from "vitest";
import { type DayUsage, dollars, startOf, total } from "./days";

function day(points: number, complete = true): DayUsage {
  return {
    day: "2026-11-20",
    points,
    bytes: points * 2,
    wru: 1,
    rru: 1,
    dollars: points / 1000,
    complete,
  };
}

describe("usage", () => {
  it("adds up the days", () => {
    expect(total([day(1000), day(3000)])).toEqual({
      points: 4000,
      bytes: 8000,
      dollars: 4,
      monthly: 60,
    });
  });

  it("counts only complete days for a month to come", () => {
    expect(total([day(1000), day(3, false)]).monthly).toBe(30);
  });

  it("promises no month before a day is complete", () => {
    expect(total([day(5, false)]).monthly).toBeNull();
  });

  it("shows amounts below a cent, too", () => {
    expect([0, 0.000034, 0.5, 1234.5].map(dollars)).toEqual([
      "$0",
      "$0.000034",
      "$0.50",
      "$1234.50",
    ]);
  });

  it("takes days as UTC", () => {
    expect(startOf("2026-11-22")).toBe(1_795_305_600_000);
  });
});
