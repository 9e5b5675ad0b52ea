import { describe, expect, it } from "vitest";
import {
  draftOf,
  emptyDraft,
  instant,
  localInput,
  requestOf,
  ruleInWords,
  type Silence,
} from "./draft";

const AT = 1_795_341_600_000;
const host = { label: "host", op: "=", value: "a" } as const;

describe("a silence's form", () => {
  it("silences for an hour from now unless it is told otherwise", () => {
    const draft = { ...emptyDraft([host], "UTC"), comment: " maintenance " };
    expect(requestOf(draft, AT)).toEqual({
      matchers: [host],
      comment: "maintenance",
      starts_at: null,
      ends_at: AT + 3_600_000,
      rrule: null,
      duration: null,
      time_zone: null,
      until_resolved: false,
    });
  });

  it("counts the length from a later start", () => {
    const draft = { ...emptyDraft([host], "UTC"), startsAt: localInput(AT + 7_200_000) };
    const asked = requestOf(draft, AT);
    expect([asked.starts_at, asked.ends_at]).toEqual([AT + 7_200_000, AT + 10_800_000]);
  });

  it("sends a rule with its length and time zone", () => {
    const draft = {
      ...emptyDraft([host], "Europe/Vienna"),
      timing: "recurring",
      hours: "1.5",
    } as const;
    expect(requestOf(draft, AT)).toMatchObject({ duration: 5400, time_zone: "Europe/Vienna" });
  });

  it("drops values that typing left empty", () => {
    const draft = emptyDraft([{ label: " host ", op: "in", value: ["a", "", " b"] }], "UTC");
    expect(requestOf(draft, AT).matchers).toEqual([{ label: "host", op: "in", value: ["a", "b"] }]);
  });

  it("holds what is stored so that saving it changes nothing", () => {
    const stored = {
      id: "s",
      version: 3,
      matchers: [host],
      starts_at: AT,
      ends_at: null,
      rrule: "FREQ=DAILY;BYHOUR=22",
      duration: 5400,
      time_zone: "Europe/Vienna",
      until_resolved: false,
      comment: "backups",
    } as unknown as Silence;
    expect(requestOf(draftOf(stored, "UTC"), AT + 5)).toEqual({
      matchers: [host],
      starts_at: AT,
      ends_at: null,
      rrule: "FREQ=DAILY;BYHOUR=22",
      duration: 5400,
      time_zone: "Europe/Vienna",
      until_resolved: false,
      comment: "backups",
    });
  });

  it("takes local times back as they were", () => {
    expect(instant(localInput(AT))).toBe(AT);
    expect(instant("")).toBeNull();
    expect(instant("nonsense")).toBeNull();
  });

  it("tells simple rules in words and leaves others as they are", () => {
    expect(ruleInWords("FREQ=DAILY;BYHOUR=22;BYMINUTE=30")).toBe("every day at 22:30");
    expect(ruleInWords("FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=8")).toBe("every Saturday, Sunday at 08:00");
    expect(ruleInWords("FREQ=MONTHLY;BYDAY=1SU")).toBe("FREQ=MONTHLY;BYDAY=1SU");
    expect(ruleInWords("FREQ=DAILY;INTERVAL=2")).toBe("FREQ=DAILY;INTERVAL=2");
  });
});
