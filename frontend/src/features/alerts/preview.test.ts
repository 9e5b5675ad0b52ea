import { describe, expect, it } from "vitest";
import { NEW } from "./draft";
import { rulesOf } from "./evaluation/rules";
import type { AlertDraft } from "./model";
import { previewBands } from "./preview";
import { asked, closedValues, seriesOf, type Watched } from "./series";

const MINUTE = 60_000;
const SPAN = { start: 0, end: 10 * MINUTE };
const DRAFT: AlertDraft = {
  ...NEW,
  metric: "m",
  threshold: 10,
  evaluation_periods: 1,
  datapoints_to_alarm: 1,
};

function watched(values: (number | null)[], changes: Partial<Watched> = {}): Watched {
  const timestamps = values.map((_, place) => place * MINUTE);
  return {
    series: [{ id: "a", label: "a", tags: { host: "a" }, timestamps, values }],
    period: 60,
    unit: null,
    warnings: [],
    exact: true,
    why: null,
    ...changes,
  };
}

function bands(draft: AlertDraft, data: Watched, now = SPAN.end) {
  return previewBands(draft, rulesOf(draft), data, SPAN, now);
}

describe("the shading while a line is dragged", () => {
  const data = watched([1, 20, 20, 1, 1]);

  it("is where it would have fired", () => {
    expect(bands(DRAFT, data)).toEqual([
      { start: 2 * MINUTE, end: 4 * MINUTE, tone: "medium", label: "would fire: host=a" },
    ]);
    expect(bands({ ...DRAFT, threshold: 30 }, data)).toEqual([]);
  });

  it("leaves out the bucket that has not ended yet", () => {
    expect(bands(DRAFT, watched([1, 1, 20]), 2.5 * MINUTE)).toEqual([]);
  });

  it("is as grave as the level that is reached", () => {
    const levelled: AlertDraft = { ...DRAFT, levels: [{ severity: "critical", threshold: 15 }] };
    expect(bands(levelled, data)?.[0]?.tone).toBe("critical");
  });

  it("is left to the server where the values are not those that are compared", () => {
    expect(bands(DRAFT, watched([20], { exact: false }))).toBeNull();
    expect(bands(DRAFT, watched([20], { period: 300 }))).toBeNull();
    expect(previewBands(DRAFT, null, data, SPAN, SPAN.end)).toBeNull();
  });
});

describe("what is asked for", () => {
  it("are the alert's own periods, aligned, with what the transform looks back", () => {
    const found = asked(
      { ...DRAFT, transform: { type: "change", offset: 120 } },
      { start: 90_000, end: 600_000 },
    );
    expect(found).toMatchObject({ exact: true, before: 2, why: null });
    expect(found?.request.start).toBe(MINUTE - 2 * MINUTE);
  });

  it("is coarser over long ranges, and says so", () => {
    const found = asked(DRAFT, { start: 0, end: 30 * 86_400_000 });
    expect(found).toMatchObject({ exact: false, before: 0 });
    expect(found?.why).toContain("coarser");
    expect(found?.request.max_points).toBe(750);
  });

  it("is nothing without a metric, or for a composite", () => {
    expect(asked(NEW, SPAN)).toBeNull();
    expect(asked({ ...DRAFT, type: "composite" }, SPAN)).toBeNull();
  });

  it("are a heartbeat's counts of points", () => {
    const found = asked({ ...DRAFT, type: "heartbeat" }, SPAN);
    expect(found?.request.queries[0]).toMatchObject({ statistic: "count", period: 60 });
    expect(found).toMatchObject({ exact: false, why: null });
  });
});

it("compared values stand at the times of their own buckets", () => {
  const draft: AlertDraft = { ...DRAFT, transform: { type: "change", offset: 60 } };
  const wanted = asked(draft, { start: MINUTE, end: 3 * MINUTE });
  if (wanted === null) {
    throw new Error("nothing is asked");
  }
  const line = { tags: {}, unit: null, timestamps: [0, MINUTE, 2 * MINUTE], values: [1, 5, 6] };
  expect(seriesOf([line], draft, wanted)[0]).toMatchObject({
    timestamps: [MINUTE, 2 * MINUTE],
    values: [4, 1],
    label: "m",
  });
});

it("holes are buckets without data", () => {
  const [gap] = watched([1]).series.map((each) => ({
    ...each,
    timestamps: [0, 3 * MINUTE],
    values: [1, 4],
  }));
  expect(gap && closedValues(gap, 60, SPAN.end).values).toEqual([1, null, null, 4]);
});
