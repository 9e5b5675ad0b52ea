import { formatDuration, formatValue } from "~/ui/format";
import { isRange, type Limits } from "./evaluation/rules";
import type { AlertDraft, Comparison, MissingData } from "./model";

/** An alert in words: what the editor shows while it is shaped, and what its page says. */

const NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const UNITS: readonly (readonly [number, string])[] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];
const STATISTICS: Readonly<Record<string, readonly [string, string]>> = {
  avg: ["average", "averages"],
  sum: ["sum", "sums"],
  min: ["minimum", "minimums"],
  max: ["maximum", "maximums"],
  count: ["count of points", "counts of points"],
  last: ["last value", "last values"],
  stddev: ["standard deviation", "standard deviations"],
  rate: ["rate per second", "rates per second"],
  increase: ["increase", "increases"],
};
const COMPARISONS: Readonly<Record<Comparison, string>> = {
  ">": "above",
  ">=": "at or above",
  "<": "below",
  "<=": "at or below",
  outside: "outside",
  inside: "within",
};

export const MISSING_DATA: readonly {
  readonly value: MissingData;
  readonly label: string;
  readonly words: string;
}[] = [
  {
    value: "missing",
    label: "Say that data are missing",
    words: "Where no data come at all, the state becomes “No data”. Gaps among data are left out.",
  },
  {
    value: "ignore",
    label: "Keep the state",
    words: "Where no data come, the state stays what it was.",
  },
  {
    value: "breaching",
    label: "Count as breaching",
    words: "Where no data come, it fires: silence is as bad as a bad value.",
  },
  {
    value: "notBreaching",
    label: "Count as fine",
    words: "Where no data come, all is well: nothing is sent unless something happens.",
  },
];

/** "one-minute", "five-minute", "90-second". */
export function periodAdjective(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds % each === 0) ?? [1, "second"];
  const count = seconds / size;
  return `${NUMBERS[count] ?? count}-${unit}`;
}

/** "average", or "averages" of several. A percentile is "p99 value". */
export function statisticNoun(statistic: string, several: boolean): string {
  const found = STATISTICS[statistic];
  if (found !== undefined) {
    return found[several ? 1 : 0];
  }
  return `${statistic} value${several ? "s" : ""}`;
}

export function comparisonWord(comparison: Comparison): string {
  return COMPARISONS[comparison];
}

/** "above 90 %", "outside 10 to 20"; what is not given yet is "…". */
export function limitWords(comparison: Comparison, limits: Limits, unit?: string | null): string {
  const shown = (value: number | null | undefined) =>
    value == null ? "…" : formatValue(value, unit);
  if (isRange(comparison)) {
    return `${COMPARISONS[comparison]} ${shown(limits.lower)} to ${shown(limits.upper)}`;
  }
  return `${COMPARISONS[comparison]} ${shown(limits.threshold)}`;
}

/** "3 of the last 5 one-minute averages are", "a one-minute average is"; `aside` stands before the verb. */
function subject(draft: AlertDraft, aside: string): string {
  const n = draft.evaluation_periods ?? 1;
  const m = draft.datapoints_to_alarm ?? n;
  const of = draft.period == null ? "" : `${periodAdjective(draft.period)} `;
  const noun = (several: boolean) => `${of}${statisticNoun(draft.statistic ?? "avg", several)}`;
  if (n === 1) {
    const article = /^[aeio]/.test(of) && !of.startsWith("one") ? "an" : "a";
    return `${article} ${noun(false)}${aside} is`;
  }
  if (m === n) {
    return `${n === 2 ? "both of the last 2" : `all of the last ${n}`} ${noun(true)}${aside} are`;
  }
  return `${m} of the last ${n} ${noun(true)}${aside} ${m === 1 ? "is" : "are"}`;
}

function transformWords(draft: AlertDraft): string {
  const transform = draft.transform;
  if (transform == null) {
    return "";
  }
  const before = transform.offset == null ? "the period before" : formatDuration(transform.offset);
  switch (transform.type) {
    case "change":
      return `, as a change against ${before}${transform.offset == null ? "" : " before"},`;
    case "change_percent":
      return `, as a change in percent against ${before}${transform.offset == null ? "" : " before"},`;
    case "change_rate":
      return `, as a change per second since ${before}${transform.offset == null ? "" : " before"},`;
    case "forecast":
      return `, as forecast for ${formatDuration(transform.horizon ?? 0)} later from the last ${formatDuration(transform.lookback ?? 0)},`;
    default:
      return `, in standard deviations from what is usual at that hour of the ${transform.season ?? "day"},`;
  }
}

/** One unit fits what is compared only where it is the value itself, or a difference of values. */
export function comparedUnit(draft: AlertDraft, unit?: string | null): string | null {
  const type = draft.transform?.type;
  if (type === "change_percent") {
    return "Percent";
  }
  return type === "deviation" || type === "change_rate" ? null : (unit ?? null);
}

/** "Fires when 3 of the last 5 one-minute averages are above 90 %." */
export function firesWhen(draft: AlertDraft, unit?: string | null): string {
  switch (draft.type ?? "metric") {
    case "heartbeat": {
      const silence = silenceOf(draft);
      const time = silence === null ? "…" : formatDuration(silence);
      return `Fires when no data have come for ${time}.`;
    }
    case "composite":
      return "Fires when the rule over other alerts holds.";
    default: {
      const limits = limitWords(draft.comparison ?? ">", draft, comparedUnit(draft, unit));
      return `Fires when ${subject(draft, transformWords(draft))} ${limits}.`;
    }
  }
}

/** Seconds of silence after which a heartbeat fires; null as long as it is not said. */
export function silenceOf(draft: AlertDraft): number | null {
  if (draft.no_data_for != null) {
    return draft.no_data_for;
  }
  return draft.period == null ? null : draft.period * (draft.evaluation_periods ?? 1);
}

const BACK: Readonly<Record<string, string>> = {
  ">": "at or below",
  ">=": "below",
  "<": "at or above",
  "<=": "above",
};

/** What else rules it, a sentence each. */
export function furtherWords(draft: AlertDraft, unit?: string | null): string[] {
  const said: string[] = [];
  const kind = draft.type ?? "metric";
  const comparison = draft.comparison ?? ">";
  if (kind === "metric") {
    if (draft.recovery != null) {
      const value = formatValue(draft.recovery, comparedUnit(draft, unit));
      said.push(`Once it fires, values count as fine only ${BACK[comparison] ?? "past"} ${value}.`);
    }
    for (const level of draft.levels ?? []) {
      const limits = limitWords(comparison, level, comparedUnit(draft, unit));
      said.push(`It is ${level.severity} when they are ${limits}.`);
    }
    if ((draft.keep_firing ?? 0) > 0) {
      said.push(
        `It goes on firing until nothing was breaching for ${formatDuration(draft.keep_firing ?? 0)}.`,
      );
    }
    const missing = MISSING_DATA.find((each) => each.value === (draft.missing_data ?? "missing"));
    said.push(missing?.words ?? "");
    if (draft.hold === false) {
      said.push("Silence may resolve it, as in CloudWatch.");
    }
  }
  if ((draft.group_by ?? []).length > 0) {
    said.push(`Each ${(draft.group_by ?? []).join(" and ")} is looked at by itself.`);
  }
  if ((draft.cooldown ?? 0) > 0) {
    said.push(
      `Nobody is told again within ${formatDuration(draft.cooldown ?? 0)} of the last telling.`,
    );
  }
  return said;
}

/** "average of system.cpu where host is a", for tables and headings. */
export function watches(draft: AlertDraft): string {
  switch (draft.type ?? "metric") {
    case "composite":
      return "Other alerts";
    case "heartbeat":
      return `Data of ${draft.metric ?? "…"}`;
    default:
      return `${statisticNoun(draft.statistic ?? "avg", false)} of ${draft.metric ?? "…"}`;
  }
}
