import { describe, expect, it } from "vitest";
import { changesBetween, conflictOf, fieldName, fieldText, mineOnTop } from "./conflict";
import type { AlertDraft } from "./model";

const BASE: AlertDraft = {
  name: "disk",
  threshold: 80,
  severity: "low",
  labels: { team: "a", area: "b" },
  description: "",
};

describe("two people editing one alert", () => {
  const mine: AlertDraft = { ...BASE, threshold: 85, severity: "high" };
  const theirs: AlertDraft = { ...BASE, threshold: 70, description: "new" };

  it("are told what each of them changed, and where both did", () => {
    const found = conflictOf(BASE, mine, theirs);
    expect(found.theirs.map((each) => each.field)).toEqual(["description", "threshold"]);
    expect(found.mine.map((each) => each.field)).toEqual(["severity", "threshold"]);
    expect([...found.both]).toEqual(["threshold"]);
    expect(found.theirs[1]).toEqual({ field: "threshold", before: 80, after: 70 });
  });

  it("keep both their changes where these do not meet; mine counts where they do", () => {
    expect(mineOnTop(BASE, mine, theirs)).toEqual({
      ...BASE,
      threshold: 85,
      severity: "high",
      description: "new",
    });
  });

  it("have no conflict where both came to the same", () => {
    const found = conflictOf(BASE, { ...BASE, threshold: 70 }, theirs);
    expect(found.mine).toEqual([]);
    expect(found.both.size).toBe(0);
  });
});

describe("what differs", () => {
  it("is not the order of labels, nor what is null instead of missing", () => {
    const other = { ...BASE, labels: { area: "b", team: "a" }, recovery: null };
    expect(changesBetween(BASE, other)).toEqual([]);
  });

  it("is a field that was taken away", () => {
    expect(changesBetween({ ...BASE, recovery: 5 }, BASE)).toEqual([
      { field: "recovery", before: 5, after: null },
    ]);
  });
});

it("names fields and values for people", () => {
  expect(fieldName("evaluation_periods")).toBe("Periods that count (N)");
  expect(fieldName("levels.0.threshold")).toBe("Levels, 0 threshold");
  expect(fieldText("")).toBe("none");
  expect(fieldText("<b>")).toBe("<b>");
  expect(fieldText(["a"])).toBe('["a"]');
});
