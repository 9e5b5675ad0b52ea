import { describe, expect, it } from "vitest";
import { alarmBands, filled, type Move, movesOfHistory, stateStretches } from "./bands";
import type { Event, Severity, State } from "./model";

const SPAN = { start: 0, end: 100 };

function move(at: number, to: State, name = "a", severity: Severity = "high"): Move {
  return { at, key: name, name, to, severity: to === "ALARM" ? severity : null };
}

describe("bands", () => {
  it("are from the beginning of an alarm to its end, cut at the range", () => {
    const moves = [move(-5, "ALARM"), move(10, "OK"), move(90, "ALARM")];
    expect(alarmBands(moves, SPAN)).toEqual([
      { start: 0, end: 10, tone: "high", label: "would fire: a" },
      { start: 90, end: 100, tone: "high", label: "would fire: a" },
    ]);
  });

  it("are one where several instances fire, of the gravest severity", () => {
    const moves = [
      move(10, "ALARM", "a", "low"),
      move(20, "ALARM", "b", "critical"),
      move(30, "OK", "a"),
      move(40, "OK", "b"),
    ];
    expect(
      alarmBands(moves, SPAN).map(({ start, end, tone, label }) => [start, end, tone, label]),
    ).toEqual([
      [10, 20, "low", "would fire: a"],
      [20, 30, "critical", "would fire: 2 instances"],
      [30, 40, "critical", "would fire: b"],
    ]);
  });

  it("change their tone with the level", () => {
    const moves = [move(10, "ALARM", "", "low"), move(20, "ALARM", "", "high"), move(30, "OK", "")];
    expect(alarmBands(moves, SPAN, "fired").map((each) => [each.tone, each.label])).toEqual([
      ["low", "fired"],
      ["high", "fired"],
    ]);
  });

  it("are none where nothing fires", () => {
    expect(alarmBands([move(10, "OK")], SPAN)).toEqual([]);
  });
});

describe("the states under a chart", () => {
  it("begin with what was before, and go up to now", () => {
    const found = stateStretches([move(-5, "OK"), move(40, "ALARM"), move(60, "OK")], SPAN, "OK");
    expect(found.map(({ start, end, state, tone }) => [start, end, state, tone])).toEqual([
      [0, 40, "OK", "ok"],
      [40, 60, "ALARM", "high"],
      [60, 100, "OK", "ok"],
    ]);
  });

  it("are the present state all through where nothing happened", () => {
    expect(stateStretches([], SPAN, "ALARM")).toMatchObject([
      { start: 0, end: 100, tone: "medium" },
    ]);
  });

  it("begin where the first move came from", () => {
    const first = { ...move(40, "ALARM"), from: "OK" as State };
    expect(stateStretches([first], SPAN, "ALARM")[0]).toMatchObject({ state: "OK" });
  });
});

it("what is between bands is calm", () => {
  const bands = alarmBands([move(10, "ALARM"), move(30, "OK"), move(90, "ALARM")], SPAN);
  expect(filled(bands, SPAN).map(({ start, end, state }) => [start, end, state])).toEqual([
    [0, 10, "OK"],
    [10, 30, "ALARM"],
    [30, 90, "OK"],
    [90, 100, "ALARM"],
  ]);
  expect(filled([], SPAN)).toHaveLength(1);
});

it("a history's moves are those that were not replaced, of the instance that is meant", () => {
  const event = (at: number, changes: Partial<Event>): Event =>
    ({
      at,
      tags: { host: "a" },
      from: "OK",
      to: "ALARM",
      cause: "data",
      replaced: false,
      ...changes,
    }) as Event;
  const events = [
    event(9, { tags: { host: "b" } }),
    event(8, { replaced: true }),
    event(7, { cause: "late" }),
    event(5, { to: "OK" }),
    event(3, { to_severity: "critical" }),
  ];
  expect(movesOfHistory(events, { host: "a" }).map((each) => [each.at, each.severity])).toEqual([
    [3, "critical"],
    [5, null],
  ]);
});
