import { describe, expect, it } from "vitest";
import type { AlertDraft } from "./model";
import { firesWhen, furtherWords, periodAdjective, watches } from "./words";

function draft(changes: Partial<AlertDraft> = {}): AlertDraft {
  return {
    name: "x",
    metric: "system.cpu",
    statistic: "avg",
    period: 60,
    comparison: ">",
    threshold: 90,
    ...changes,
  };
}

/** Thin spaces before units are told as plain ones. */
function plain(text: string): string {
  return text.replaceAll("\u202f", " ");
}

describe("the sentence", () => {
  it("counts N and M in plain words", () => {
    const some = draft({ evaluation_periods: 5, datapoints_to_alarm: 3 });
    expect(plain(firesWhen(some, "Percent"))).toBe(
      "Fires when 3 of the last 5 one-minute averages are above 90 %.",
    );
  });

  it("knows one, both and all", () => {
    expect(plain(firesWhen(draft()))).toBe("Fires when a one-minute average is above 90.");
    expect(firesWhen(draft({ evaluation_periods: 2 }))).toContain("both of the last 2");
    expect(firesWhen(draft({ evaluation_periods: 3, statistic: "p99" }))).toContain(
      "all of the last 3 one-minute p99 values are",
    );
  });

  it("tells a range by both its ends, and what is not given yet", () => {
    const range = draft({ comparison: "outside", threshold: null, lower: 1, upper: null });
    expect(firesWhen(range)).toContain("outside 1 to …");
  });

  it("says of a change against when, and in percent", () => {
    const change = draft({
      transform: { type: "change_percent", offset: 604_800 },
      threshold: -50,
    });
    expect(plain(firesWhen(change, "Bytes"))).toBe(
      "Fires when a one-minute average, as a change in percent against 7 d before, is above -50 %.",
    );
  });

  it("says of a heartbeat how long silence may last", () => {
    const beat = draft({ type: "heartbeat", no_data_for: 300 });
    expect(plain(firesWhen(beat))).toBe("Fires when no data have come for 5 min.");
    const counted = draft({ type: "heartbeat", period: 60, evaluation_periods: 10 });
    expect(plain(firesWhen(counted))).toContain("10 min");
  });
});

describe("what else rules it", () => {
  it("says where it recovers, on the other side than where it fires", () => {
    expect(furtherWords(draft({ recovery: 80 }))[0]).toContain("only at or below 80");
    expect(furtherWords(draft({ comparison: "<", recovery: 95 }))[0]).toContain("at or above 95");
  });

  it("always says what silence means", () => {
    expect(furtherWords(draft()).join(" ")).toContain("No data");
    expect(furtherWords(draft({ missing_data: "breaching" })).join(" ")).toContain("as bad as");
  });

  it("names the tags that instances are told by", () => {
    expect(furtherWords(draft({ group_by: ["host", "disk"] })).join(" ")).toContain(
      "Each host and disk",
    );
  });
});

it("tells periods as people do", () => {
  expect([10, 60, 90, 300, 3600, 86_400].map(periodAdjective)).toEqual([
    "10-second",
    "one-minute",
    "90-second",
    "five-minute",
    "one-hour",
    "one-day",
  ]);
});

it("tells in a table what is watched", () => {
  expect(watches(draft())).toBe("average of system.cpu");
  expect(watches(draft({ type: "composite" }))).toBe("Other alerts");
});
