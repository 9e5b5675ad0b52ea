import { describe, expect, it } from "vitest";
import type { AlertDraft } from "../model";
import file from "./evaluation-cases.json";
import { pages, replay } from "./replay";
import { rulesOf } from "./rules";

const PERIOD_MS = 60_000;

describe("what the engine does over the same buckets", () => {
  for (const each of file.cases) {
    it(`is what the console says: ${each.name}`, () => {
      const rules = rulesOf(each.alert as unknown as AlertDraft);
      if (rules === null) {
        throw new Error("the case lacks something");
      }
      const changes = replay(rules, file.start, each.values);
      expect(changes).toEqual(each.changes);
      const end = file.start + each.values.length * PERIOD_MS;
      expect(pages(changes, rules.cooldown, end)).toBe(each.pages);
    });
  }
});

describe("rulesOf", () => {
  it("is nothing as long as the threshold is missing", () => {
    expect(rulesOf({ name: "x", metric: "m", period: 60, comparison: ">" })).toBeNull();
    expect(rulesOf({ name: "x", period: 60, comparison: "outside", lower: 1 })).toBeNull();
  });

  it("is nothing for an alert that compares no values", () => {
    expect(rulesOf({ name: "x", type: "heartbeat", metric: "m" })).toBeNull();
  });

  it("takes M for all of N where it is not said", () => {
    const draft: AlertDraft = {
      name: "x",
      period: 60,
      comparison: ">",
      threshold: 1,
      evaluation_periods: 4,
    };
    expect(rulesOf(draft)?.datapointsToAlarm).toBe(4);
  });
});
