import { describe, expect, it } from "vitest";
import type { ChartSeries } from "~/ui/chart/types";
import { NEW } from "./draft";
import { linesOf, nextLevel, suggested, withLine } from "./lines";
import type { AlertDraft } from "./model";

const DRAFT: AlertDraft = { ...NEW, threshold: 80, recovery: 70, severity: "low" };
const LEVELLED: AlertDraft = {
  ...DRAFT,
  levels: [{ severity: "critical", threshold: 90, recovery: 85 }],
};

function series(...values: (number | null)[]): ChartSeries[] {
  return [{ id: "a", label: "a", tags: {}, timestamps: values.map((_, at) => at), values }];
}

describe("the lines", () => {
  it("are threshold and recovery, and those of each level by its severity", () => {
    expect(linesOf(LEVELLED).map((each) => [each.id, each.value, each.label, each.tone])).toEqual([
      ["threshold", 80, "Low: threshold", "low"],
      ["recovery", 70, "Low: recovers", "ok"],
      ["levels.0.threshold", 90, "Critical: threshold", "critical"],
      ["levels.0.recovery", 85, "Critical: recovers", "ok"],
    ]);
    expect(linesOf(DRAFT)[0]?.label).toBe("Threshold");
  });

  it("are none of a heartbeat, whatever was said before", () => {
    expect(linesOf({ ...DRAFT, type: "heartbeat" })).toEqual([]);
  });
});

describe("dragging a line", () => {
  it("takes the recovery along", () => {
    expect(withLine(DRAFT, "threshold", 60)).toMatchObject({ threshold: 60, recovery: 60 });
    expect(withLine(LEVELLED, "levels.0.threshold", 82).levels?.[0]).toMatchObject({
      severity: "critical",
      threshold: 82,
      recovery: 82,
    });
  });

  it("keeps lower below upper", () => {
    const range: AlertDraft = { ...NEW, comparison: "outside", lower: 1, upper: 9 };
    expect(withLine(range, "lower", 12)).toMatchObject({ lower: 12, upper: 12 });
    expect(withLine(range, "upper", 0)).toMatchObject({ lower: 0, upper: 0 });
  });

  it("changes nothing else", () => {
    expect(withLine(LEVELLED, "levels.7.threshold", 1).levels).toEqual(LEVELLED.levels);
    expect(withLine(LEVELLED, "nonsense", 1)).toEqual(LEVELLED);
  });
});

describe("a new alert's line", () => {
  it("begins just above what was seen, or just below it", () => {
    expect(suggested(NEW, series(10, null, 52))?.threshold).toBe(57);
    expect(suggested({ ...NEW, comparison: "<" }, series(10, 52))?.threshold).toBe(5);
    expect(suggested({ ...NEW, comparison: "<" }, series(1, 52))?.threshold).toBe(0);
    expect(suggested({ ...NEW, comparison: "outside" }, series(-5, 5))).toMatchObject({
      lower: -6,
      upper: 6,
    });
  });

  it("copes with a value that never changes, and with small ones", () => {
    expect(suggested(NEW, series(4, 4))?.threshold).toBe(4.4);
    expect(suggested(NEW, series(0))?.threshold).toBe(0.1);
    expect(suggested(NEW, series(0.001, 0.002))?.threshold).toBe(0.0021);
  });

  it("stays within what a percentage can be", () => {
    expect(suggested(NEW, series(10, 99), "Percent")?.threshold).toBe(100);
    expect(suggested(NEW, series(10, 210), "Percent")?.threshold).toBe(230);
  });

  it("is none where there are no values", () => {
    expect(suggested(NEW, series(null))).toBeNull();
  });
});

describe("a further level", () => {
  it("is stricter and graver than the last one", () => {
    expect(nextLevel(DRAFT)).toEqual({ severity: "medium", threshold: 88 });
    expect(nextLevel({ ...DRAFT, comparison: "<" })).toEqual({ severity: "medium", threshold: 72 });
    const range: AlertDraft = { ...NEW, comparison: "outside", lower: 0, upper: 10 };
    expect(nextLevel(range)).toEqual({ severity: "high", lower: -1, upper: 11 });
  });

  it("is none above critical", () => {
    expect(nextLevel(LEVELLED)).toBeNull();
  });
});
