import { expect, it } from "vitest";
import { absolute, clockTime, relative, utc } from "./time-format";

const AT = Date.UTC(2026, 10, 22, 22, 16, 5);

it.each([
  [0, "just now"],
  [4_999, "just now"],
  [5_000, "5 s ago"],
  [59_999, "59 s ago"],
  [60_000, "1 min ago"],
  [3_599_999, "59 min ago"],
  [3_600_000, "1 h ago"],
  [86_400_000, "1 day ago"],
  [3 * 86_400_000, "3 days ago"],
  [-120_000, "in 2 min"],
])("says what was %d ms before as %s", (before, expected) => {
  expect(relative(AT, AT + before, "UTC")).toBe(expected);
});

it("says a date for what is over a week away", () => {
  expect(relative(AT, AT + 7 * 86_400_000, "UTC")).toBe("22 Nov 2026, 22:16:05");
});

it("shows a moment in the viewer's zone and in UTC", () => {
  expect(absolute(AT, "Europe/Berlin")).toBe("22 Nov 2026, 23:16:05");
  expect(clockTime(AT, "Asia/Kolkata")).toBe("03:46:05");
  expect(utc(AT)).toBe("22 Nov 2026, 22:16:05 UTC");
});

it("counts midnight as 00", () => {
  expect(clockTime(Date.UTC(2026, 0, 1), "UTC")).toBe("00:00:00");
});
