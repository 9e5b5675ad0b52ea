import { describe, expect, test } from "vitest";
import {
  fieldOf,
  LONGEST_MS,
  parseRange,
  rangeText,
  sameRange,
  spanOf,
  spanOfFields,
  zoomedOut,
} from "./time-range";

const at = (text: string) => Date.parse(text);
const HOUR = 3_600_000;

describe("an address", () => {
  test("names the last seconds, or a fixed stretch", () => {
    expect(parseRange({ last: 900 })).toEqual({ last: 900 });
    expect(parseRange({ start: 1_000, end: "2000" })).toEqual({ start: 1_000, end: 2_000 });
  });

  test.each([{ last: -5 }, { last: "soon" }, { start: 2, end: 1 }, { start: -1, end: 5 }, {}])(
    "that means nothing, %j, is the last hour",
    (search) => {
      expect(parseRange(search)).toEqual({ last: 3_600 });
    },
  );
});

test("a range that ends now moves with the clock", () => {
  expect(spanOf({ last: 60 }, 100_000)).toEqual({ start: 40_000, end: 100_000 });
  expect(spanOf({ start: 1, end: 2 }, 100_000)).toEqual({ start: 1, end: 2 });
});

test("the same range is told from another", () => {
  expect(sameRange({ last: 60 }, { last: 60 })).toBe(true);
  expect(sameRange({ last: 60 }, { start: 0, end: 60_000 })).toBe(false);
  expect(sameRange({ start: 0, end: 2 }, { start: 0, end: 3 })).toBe(false);
});

describe("in words", () => {
  test("a preset has its name, another length is told", () => {
    expect(rangeText({ last: 3_600 })).toBe("Last hour");
    expect(rangeText({ last: 7_200 })).toBe("Last 2\u202fh");
  });

  test("a day is told once where both ends are in it", () => {
    const [start, end] = [at("2026-11-22T10:00:00Z"), at("2026-11-22T12:30:00Z")];
    expect(rangeText({ start, end }, "UTC")).toBe("22 Nov 2026, 10:00 to 12:30");
    expect(rangeText({ start: start - 24 * HOUR, end: end + 7_000 }, "UTC")).toBe(
      "21 Nov 2026, 10:00 to 22 Nov 2026, 12:30:07",
    );
  });
});

describe("zooming out", () => {
  test("doubles the time around its middle", () => {
    expect(zoomedOut({ start: 10 * HOUR, end: 12 * HOUR }, 100 * HOUR)).toEqual({
      start: 9 * HOUR,
      end: 13 * HOUR,
    });
    expect(zoomedOut({ last: 900 })).toEqual({ last: 1_800 });
  });

  test("does not go beyond now", () => {
    expect(zoomedOut({ start: 10 * HOUR, end: 12 * HOUR }, 12 * HOUR)).toEqual({
      start: 8 * HOUR,
      end: 12 * HOUR,
    });
  });

  test("does not go beyond what may be asked for", () => {
    expect(zoomedOut({ last: LONGEST_MS / 1000 })).toEqual({ last: LONGEST_MS / 1000 });
    const end = 2 * LONGEST_MS;
    const found = zoomedOut({ start: end - LONGEST_MS, end }, end) as { start: number };
    expect(found.start).toBe(LONGEST_MS);
  });
});

describe("fields", () => {
  test("give back what they were given", () => {
    const moment = at("2026-11-22T10:00:05Z");
    expect(new Date(fieldOf(moment)).getTime()).toBe(moment);
  });

  test("say what is wrong with them", () => {
    expect(spanOfFields("", "2026-11-22T10:00:00")).toEqual({ reason: "Enter both times." });
    expect(spanOfFields("2026-11-22T10:00:00", "2026-11-22T10:00:00")).toEqual({
      reason: "The end must be after the start.",
    });
    expect(spanOfFields("2020-11-22T10:00:00", "2026-11-22T10:00:00")).toEqual({
      reason: "At most 455 days can be shown at once.",
    });
  });

  test("mean a stretch of time", () => {
    const span = spanOfFields("2026-11-22T10:00:00", "2026-11-22T11:00:00");
    expect(span).toEqual({
      start: new Date(2026, 10, 22, 10).getTime(),
      end: new Date(2026, 10, 22, 11).getTime(),
    });
  });
});
