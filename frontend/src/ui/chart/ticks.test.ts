import { expect, test } from "vitest";
import { tickFormats, timeTicks } from "./ticks";

const formats = tickFormats("en-GB", "UTC");
const at = (text: string) => Date.parse(text);
const HOUR = 3_600_000;

test("the day is told at the first tick and where a new one begins", () => {
  const times = [
    at("2026-11-21T18:00Z"),
    at("2026-11-22T00:00Z"),
    at("2026-11-22T06:00Z"),
    at("2026-11-22T12:00Z"),
  ];
  expect(timeTicks(times, 6 * HOUR, formats)).toEqual([
    "18:00\n21 Nov",
    "00:00\n22 Nov",
    "06:00",
    "12:00",
  ]);
});

test("days need no time of day", () => {
  expect(timeTicks([at("2026-11-21T00:00Z")], 24 * HOUR, formats)).toEqual(["21 Nov"]);
});

test("ticks are as fine as their distance", () => {
  expect(timeTicks([at("2026-11-21T10:00:05Z")], 5_000, formats)).toEqual(["10:00:05\n21 Nov"]);
  expect(timeTicks([at("2026-11-21T10:00:05.250Z")], 250, formats)).toEqual([
    "10:00:05.250\n21 Nov",
  ]);
});

test("times are those of the viewer's zone", () => {
  const kolkata = tickFormats("en-GB", "Asia/Kolkata");
  expect(timeTicks([at("2026-11-21T20:00Z")], HOUR, kolkata)).toEqual(["01:30\n22 Nov"]);
});
