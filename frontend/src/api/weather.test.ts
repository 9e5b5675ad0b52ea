import { describe, expect, it } from "vitest";
import { begun, ended, FAIR, outcomeOf, report, SLOW_MS, type Weather } from "./weather";

const ANSWERED = { kind: "answered" } as const;
const UNREACHABLE = { kind: "unreachable" } as const;

function when(outcome: Parameters<typeof ended>[2], at: number, before: Weather = FAIR): Weather {
  return ended(begun(before, 1, at - 10), 1, outcome, at);
}

describe("what is told of the API", () => {
  it("is nothing while it answers", () => {
    expect(report(when(ANSWERED, 100), true, 100)).toBeNull();
  });

  it("is that it is down, and how old the last answer is, until it answers again", () => {
    const down = when(UNREACHABLE, 200, when(ANSWERED, 100));
    expect(report(down, true, 300)).toEqual({ kind: "down", lastAnswer: 100 });
    expect(report(when(ANSWERED, 400, down), true, 400)).toBeNull();
  });

  it("keeps the moment at which it went down", () => {
    expect(when(UNREACHABLE, 300, when(UNREACHABLE, 200)).downSince).toBe(200);
  });

  it("is that the browser is offline, whatever came before", () => {
    expect(report(when(ANSWERED, 100), false, 100)?.kind).toBe("offline");
  });

  it("is how long it wants to be left alone, and no longer", () => {
    const limited = when({ kind: "limited", seconds: 7 }, 1_000);
    expect(report(limited, true, 7_999)).toEqual({ kind: "limited", until: 8_000 });
    expect(report(limited, true, 8_000)).toBeNull();
  });

  it("forgets the pause when it answers before", () => {
    const limited = when({ kind: "limited", seconds: 7 }, 1_000);
    expect(report(when(ANSWERED, 2_000, limited), true, 2_000)).toBeNull();
  });

  it("takes the longest pause of several", () => {
    const first = when({ kind: "limited", seconds: 60 }, 1_000);
    expect(when({ kind: "limited", seconds: null }, 2_000, first).limitedUntil).toBe(61_000);
  });

  it("is that it is slow when one request takes 5 seconds, until that is over", () => {
    const waiting = begun(FAIR, 1, 0);
    expect(report(waiting, true, SLOW_MS - 1)).toBeNull();
    expect(report(waiting, true, SLOW_MS)?.kind).toBe("slow");
    expect(report(ended(waiting, 1, { kind: "gone" }, SLOW_MS), true, SLOW_MS)).toBeNull();
  });

  it("does not take an aborted request for an answer", () => {
    const down = when(UNREACHABLE, 200);
    expect(ended(begun(down, 2, 250), 2, { kind: "gone" }, 260).downSince).toBe(200);
  });
});

it.each([
  [200, "answered"],
  [404, "answered"],
  [500, "answered"],
  [429, "limited"],
  [502, "unreachable"],
  [504, "unreachable"],
])("takes status %d for %s", (status, kind) => {
  expect(outcomeOf(status, null).kind).toBe(kind);
});
