import type { components } from "~/api/schema";
import { type Matcher, withText } from "~/ui/matchers/matcher";

export type Silence = components["schemas"]["SilenceOut"];
export type SilenceIn = components["schemas"]["SilenceIn"];

/** When a silence holds. */
export type Timing = "once" | "recurring" | "until_resolved";

/** A silence as a form holds it: everything is text, as it is typed. */
export interface Draft {
  readonly matchers: readonly Matcher[];
  readonly timing: Timing;
  /** Seconds from now, for "once". Null: until `endsAt`. */
  readonly forSeconds: number | null;
  /** Local date and time (2026-11-22T22:00); empty: now. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly rrule: string;
  /** Hours of each window. */
  readonly hours: string;
  readonly timeZone: string;
  readonly comment: string;
}

export const DURATIONS: readonly { readonly seconds: number; readonly label: string }[] = [
  { seconds: 1_800, label: "30 minutes" },
  { seconds: 3_600, label: "1 hour" },
  { seconds: 4 * 3_600, label: "4 hours" },
  { seconds: 86_400, label: "1 day" },
  { seconds: 7 * 86_400, label: "1 week" },
];

export function emptyDraft(matchers: readonly Matcher[], timeZone: string): Draft {
  return {
    matchers: matchers.length > 0 ? matchers : [{ label: "", op: "=", value: "" }],
    timing: "once",
    forSeconds: 3_600,
    startsAt: "",
    endsAt: "",
    rrule: "FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=22;BYMINUTE=0",
    hours: "8",
    timeZone,
    comment: "",
  };
}

/** The draft of what is stored: for changing it. */
export function draftOf(silence: Silence, timeZone: string): Draft {
  const base = emptyDraft(silence.matchers, timeZone);
  return {
    ...base,
    timing: silence.until_resolved
      ? "until_resolved"
      : silence.rrule === null
        ? "once"
        : "recurring",
    forSeconds: null,
    startsAt: localInput(silence.starts_at),
    endsAt: silence.ends_at === null ? "" : localInput(silence.ends_at),
    rrule: silence.rrule ?? base.rrule,
    hours: silence.duration === null ? base.hours : String(silence.duration / 3600),
    timeZone: silence.time_zone ?? timeZone,
    comment: silence.comment,
  };
}

/** What the API is asked for; `at` is now. */
export function requestOf(draft: Draft, at: number): SilenceIn {
  const start = instant(draft.startsAt);
  const end = instant(draft.endsAt);
  const recurring = draft.timing === "recurring";
  const lasts = draft.timing === "once" ? draft.forSeconds : null;
  return {
    matchers: draft.matchers.map(clean),
    comment: draft.comment.trim(),
    starts_at: start,
    ends_at: lasts === null ? end : (start ?? at) + lasts * 1000,
    rrule: recurring ? draft.rrule.trim() : null,
    duration: recurring ? Math.round(Number(draft.hours) * 3600) : null,
    time_zone: recurring ? draft.timeZone : null,
    until_resolved: draft.timing === "until_resolved",
  };
}

/** Values of "is one of" lose the empty ones that typing leaves. */
function clean(matcher: Matcher): Matcher {
  const trimmed = { ...matcher, label: matcher.label.trim() };
  return Array.isArray(matcher.value) ? withText(trimmed, matcher.value.join(",")) : trimmed;
}

/** A local date and time, as a datetime-local field has it, in epoch ms; null for none. */
export function instant(text: string): number | null {
  const found = text === "" ? Number.NaN : new Date(text).getTime();
  return Number.isFinite(found) ? found : null;
}

/** Epoch ms as a datetime-local field wants it. */
export function localInput(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

const DAYS: Readonly<Record<string, string>> = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
};

/** A rule in words where it is a simple one, else the rule itself. */
export function ruleInWords(rrule: string): string {
  const parts = new Map(rrule.split(";").map((each) => each.split("=", 2) as [string, string]));
  const simple = [...parts.keys()].every((key) =>
    ["FREQ", "BYDAY", "BYHOUR", "BYMINUTE", "WKST"].includes(key),
  );
  const [hour, minute] = [parts.get("BYHOUR"), parts.get("BYMINUTE") ?? "0"];
  const days = parts
    .get("BYDAY")
    ?.split(",")
    .map((each) => DAYS[each]);
  if (
    !simple ||
    (days?.includes(undefined) ?? false) ||
    hour?.includes(",") ||
    minute.includes(",")
  ) {
    return rrule;
  }
  const time = hour === undefined ? "" : ` at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  switch (parts.get("FREQ")) {
    case "DAILY":
      return days === undefined ? `every day${time}` : rrule;
    case "WEEKLY":
      return days === undefined ? `every week${time}` : `every ${days.join(", ")}${time}`;
    default:
      return rrule;
  }
}
