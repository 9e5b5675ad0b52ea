import { describe, expect, test } from "vitest";
import { ApiProblem } from "./problem";
import { bucketsOf, earlier, fewerPoints, LIMITS, maxPoints, requestBody, tagsText } from "./query";

describe("how many points are asked for", () => {
  test.each([1, 79, 80, 320, 360, 799, 800, 1_000, 1_440, 3_840])(
    "a chart of %i pixels asks for at most two a pixel",
    (width) => {
      expect(maxPoints(width)).toBeLessThanOrEqual(Math.max(2, 2 * width));
      expect(maxPoints(width)).toBeGreaterThanOrEqual(2);
    },
  );

  test("uses nearly all of them, and the same number while a window is resized a little", () => {
    expect(maxPoints(1_000)).toBeGreaterThan(1_800);
    expect(maxPoints(1_000)).toBe(maxPoints(1_010));
  });

  test("the request names it, and the range", () => {
    const body = requestBody([{ id: "a", metric: "cpu" }], { start: 1, end: 2 }, maxPoints(400));
    expect(body).toEqual({
      start: 1,
      end: 2,
      max_points: 800,
      queries: [{ id: "a", metric: "cpu" }],
    });
  });
});

describe("an answer that would be too large", () => {
  const refused = (reason: string, status = 422) =>
    new ApiProblem(status, { errors: [{ field: "queries", reason }] }, null);
  // 500 series in 721 buckets of 5 s, which an hour meets when 2,000 are allowed.
  const hour = { start: 2_500, end: 3_602_500 };
  const points = "an answer has at most 100,800 points; this would have 360,500 or more: ask ...";

  test("is asked for with as many points as there is room for", () => {
    const fewer = fewerPoints(refused(points), 2_000, hour) as number;
    expect(fewer).toBe(201);
    expect(500 * bucketsOf(hour, fewer)).toBeLessThan(LIMITS.points);
  });

  test("is not asked for again where fewer points do not help", () => {
    const series = "an answer has at most 500 series; this would have 900: filter, group by ...";
    expect(fewerPoints(refused(series), 800, hour)).toBeNull();
    expect(fewerPoints(refused(points), 2, hour)).toBeNull();
    expect(fewerPoints(refused(points, 500), 800, hour)).toBeNull();
    expect(fewerPoints(new Error("no"), 800, hour)).toBeNull();
  });

  test("has as many buckets as the API's periods make", () => {
    expect(bucketsOf(hour, 2_000)).toBe(721);
    expect(bucketsOf({ start: 0, end: 3_600_000 }, 2_000)).toBe(720);
    expect(bucketsOf({ start: 0, end: 3_600_000 }, 100)).toBe(60);
    expect(bucketsOf({ start: 0, end: 500 * 86_400_000 }, 2)).toBe(2);
  });
});

test("a week earlier is both ends a week earlier", () => {
  expect(earlier({ start: 10, end: 20 }, 7)).toEqual({ start: 3, end: 13 });
});

test("tags are told in the order of their keys", () => {
  expect(tagsText({ zone: "1", host: "<b>a</b>" })).toBe("host=<b>a</b>, zone=1");
  expect(tagsText({})).toBe("");
});
