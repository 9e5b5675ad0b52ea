import { describe, expect, it } from "vitest";
import {
  draftFromLink,
  draftOf,
  NEW,
  submission,
  withComparison,
  withKind,
  withPeriods,
  withRecovery,
  withSilence,
  withThreshold,
} from "./draft";
import type { Alert, AlertDraft } from "./model";

/** As the API answers: with what belongs to other kinds as null. */
const STORED = {
  id: "a1",
  version: 7,
  created_at: 1,
  edited_at: 2,
  instances: [],
  more_instances: false,
  name: "<b>disk</b> & co",
  type: "metric",
  metric: "disk.used",
  statistic: "p99.9",
  period: 60,
  filters: [{ tag: "host", op: "in", value: ["a", 'b"c'] }],
  group_by: ["host"],
  comparison: ">",
  threshold: 80,
  lower: null,
  upper: null,
  recovery: 75,
  levels: [{ severity: "high", threshold: 90, lower: null, upper: null, recovery: 85 }],
  transform: { type: "forecast", lookback: 7200, horizon: 14400, offset: null },
  condition: null,
  no_data_for: null,
  evaluation_periods: 3,
  datapoints_to_alarm: 2,
  missing_data: "ignore",
  hold: false,
  keep_firing: 300,
  lateness: 120,
  grace: 10,
  severity: "medium",
  cooldown: 60,
  channels: ["c1"],
  labels: { team: "core" },
  description: "two\nlines",
  runbook_url: "https://wiki.example/x",
  something_new: { that: "this console does not know" },
} as unknown as Alert;

describe("an edit", () => {
  it("sends back all of the definition as it was, also what the form does not know", () => {
    const { id, version, created_at, edited_at, instances, more_instances, ...definition } = STORED;
    expect(submission(draftOf(STORED))).toEqual({
      ...without(definition, "condition", "no_data_for"),
    });
  });

  it("changes only what was changed", () => {
    const before = submission(draftOf(STORED));
    const after = submission(withThreshold(draftOf(STORED), 88));
    expect(after).toEqual({ ...before, threshold: 88 });
  });
});

function without(fields: object, ...names: string[]): object {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

describe("the kind", () => {
  it("takes along what all have, and leaves behind what belongs to the other", () => {
    const sent = submission(withKind(draftOf(STORED), "heartbeat"));
    expect(sent).toMatchObject({ type: "heartbeat", metric: "disk.used", no_data_for: 300 });
    expect(sent).not.toHaveProperty("threshold");
    expect(sent).not.toHaveProperty("period");
    expect(submission(withKind(NEW, "composite"))).not.toHaveProperty("metric");
  });

  it("gives nothing up before it is sent: going back finds the threshold again", () => {
    const there = withKind(draftOf(STORED), "composite");
    expect(submission(withKind(there, "metric"))).toEqual(submission(draftOf(STORED)));
  });

  it("leaves a heartbeat's periods to the server when its silence changes", () => {
    const beat: AlertDraft = { ...NEW, type: "heartbeat", no_data_for: 300, period: 60 };
    expect(withSilence(beat, 600)).not.toHaveProperty("period");
    expect(withSilence(beat, 600)).not.toHaveProperty("evaluation_periods");
  });
});

describe("thresholds", () => {
  const draft: AlertDraft = { ...NEW, threshold: 80, recovery: 75 };

  it("push the recovery before them, and no farther", () => {
    expect(withThreshold(draft, 70)).toMatchObject({ threshold: 70, recovery: 70 });
    expect(withThreshold(draft, 90)).toMatchObject({ threshold: 90, recovery: 75 });
    const falling: AlertDraft = { ...draft, comparison: "<", threshold: 10, recovery: 15 };
    expect(withThreshold(falling, 20)).toMatchObject({ threshold: 20, recovery: 20 });
  });

  it("stop the recovery at themselves", () => {
    expect(withRecovery(draft, 99)).toMatchObject({ recovery: 80 });
    expect(withRecovery(draft, null)).toMatchObject({ recovery: null });
  });

  it("become an end of a range, and back", () => {
    const range = withComparison(draft, "outside");
    expect(range).toMatchObject({ threshold: null, recovery: null, lower: null, upper: 80 });
    expect(withComparison(range, ">")).toMatchObject({ threshold: 80, lower: null, upper: null });
  });

  it("lose a recovery that would be on the wrong side", () => {
    expect(withComparison(draft, "<")).toMatchObject({ threshold: 80, recovery: null });
    expect(withComparison(draft, ">=")).toMatchObject({ recovery: 75 });
  });
});

it("N takes M along", () => {
  expect(withPeriods({ ...NEW, datapoints_to_alarm: 3 }, 2)).toMatchObject({
    evaluation_periods: 2,
    datapoints_to_alarm: 2,
  });
});

describe("a draft from a link", () => {
  it("says what it says, and is a new alert else", () => {
    const link = JSON.stringify({ metric: "a.b", period: 300, group_by: ["host"], threshold: 4 });
    expect(draftFromLink(link)).toEqual({
      ...NEW,
      metric: "a.b",
      period: 300,
      group_by: ["host"],
      threshold: 4,
    });
  });

  it("is a new alert where it was cut or tampered with", () => {
    for (const link of [undefined, "{", "[1]", "null", '{"period":"x","filters":[1],"id":"y"}']) {
      expect(draftFromLink(link)).toEqual(NEW);
    }
  });
});
