import type { ChartSeries, Tone } from "~/ui/chart/types";
import { severityText } from "./badges";
import { isUp, withRecovery, withThreshold } from "./draft";
import { isRange, type Limits } from "./evaluation/rules";
import type { AlertDraft, Level } from "./model";

/** The lines of an alert on its chart: what each is called, and what dragging it changes. */
export interface Line {
  /** The dotted name of the field: "threshold", "levels.0.recovery". */
  readonly id: string;
  readonly value: number;
  readonly label: string;
  readonly tone: Tone;
}

type LimitName = keyof Limits;
const NAMES: readonly LimitName[] = ["threshold", "lower", "upper", "recovery"];
const LABELS: Readonly<Record<LimitName, string>> = {
  threshold: "Threshold",
  lower: "Lower",
  upper: "Upper",
  recovery: "Recovers",
};

export function linesOf(draft: AlertDraft): Line[] {
  if ((draft.type ?? "metric") !== "metric") {
    return [];
  }
  const severity = draft.severity ?? "medium";
  const levels = draft.levels ?? [];
  const own = limitLines(draft, "", severity, levels.length > 0 ? severityText(severity) : "");
  const further = levels.flatMap((level, place) =>
    limitLines(level, `levels.${place}.`, level.severity, severityText(level.severity)),
  );
  return [...own, ...further];
}

function limitLines(limits: Limits, prefix: string, tone: Tone, name: string): Line[] {
  return NAMES.flatMap((limit) => {
    const value = limits[limit];
    if (typeof value !== "number") {
      return [];
    }
    const label = name === "" ? LABELS[limit] : `${name}: ${LABELS[limit].toLowerCase()}`;
    return [{ id: `${prefix}${limit}`, value, label, tone: limit === "recovery" ? "ok" : tone }];
  });
}

/** The draft with one of its lines elsewhere; lines that must stay on one side of it go along. */
export function withLine(draft: AlertDraft, id: string, value: number | null): AlertDraft {
  const [first = "", place, limit] = id.split(".");
  if (first === "levels" && limit !== undefined) {
    return withLevelLine(draft, Number(place), limit as LimitName, value);
  }
  switch (first) {
    case "threshold":
      return withThreshold(draft, value);
    case "recovery":
      return withRecovery(draft, value);
    case "lower":
      return { ...draft, lower: value, ...pushed(draft.upper, value, Math.max, "upper") };
    case "upper":
      return { ...draft, upper: value, ...pushed(draft.lower, value, Math.min, "lower") };
    default:
      return draft;
  }
}

function pushed(
  other: number | null | undefined,
  value: number | null,
  keep: (a: number, b: number) => number,
  name: "lower" | "upper",
): Partial<AlertDraft> {
  return other == null || value === null ? {} : { [name]: keep(other, value) };
}

function withLevelLine(
  draft: AlertDraft,
  place: number,
  limit: LimitName,
  value: number | null,
): AlertDraft {
  const levels = (draft.levels ?? []).map((level, at): Level => {
    if (at !== place) {
      return level;
    }
    const alone: AlertDraft = {
      name: "",
      comparison: draft.comparison ?? ">",
      threshold: level.threshold ?? null,
      recovery: level.recovery ?? null,
      lower: level.lower ?? null,
      upper: level.upper ?? null,
    };
    const { threshold, recovery, lower, upper } = withLine(alone, limit, value);
    return {
      severity: level.severity,
      threshold: threshold ?? null,
      recovery: recovery ?? null,
      lower: lower ?? null,
      upper: upper ?? null,
    };
  });
  return { ...draft, levels };
}

/** How far beyond what was seen a new line stands, of the spread of the values. */
const BEYOND = 0.1;

/**
 * Where the lines of a new alert may begin: just beyond all that was seen, so that it would not have
 * fired; null without values.
 */
export function suggested(
  draft: AlertDraft,
  series: readonly ChartSeries[],
  unit: string | null = null,
): AlertDraft | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of series.flatMap((each) => each.values)) {
    if (value !== null) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) {
    return null;
  }
  const spread = high > low ? high - low : Math.abs(high) || 1;
  const comparison = draft.comparison ?? ">";
  const beyond = rounded(high + spread * BEYOND, spread, Math.ceil);
  const above = unit === "Percent" && high <= 100 ? Math.min(100, beyond) : beyond;
  const below = rounded(low - spread * BEYOND, spread, Math.floor);
  // What cannot be negative so far gets no line below zero.
  const lower = low >= 0 ? Math.max(0, below) : below;
  if (isRange(comparison)) {
    return { ...draft, lower: draft.lower ?? lower, upper: draft.upper ?? above };
  }
  return { ...draft, threshold: isUp(comparison) ? above : lower };
}

/** To a number that people would say: two digits of the spread. */
function rounded(value: number, spread: number, round: (value: number) => number): number {
  const exponent = Math.floor(Math.log10(spread)) - 1;
  const step = 10 ** Math.abs(exponent);
  return exponent < 0 ? round(value * step) / step : round(value / step) * step;
}

/** A further level that is as much stricter than the last one as makes sense to begin with. */
export function nextLevel(draft: AlertDraft): Level | null {
  const levels = draft.levels ?? [];
  const last: Limits = levels.at(-1) ?? draft;
  const gravest = levels.at(-1)?.severity ?? draft.severity ?? "medium";
  const graver = { info: "low", low: "medium", medium: "high", high: "critical", critical: null };
  const severity = graver[gravest] as Level["severity"] | null;
  if (severity === null) {
    return null;
  }
  const comparison = draft.comparison ?? ">";
  if (isRange(comparison)) {
    const [lower, upper] = [last.lower ?? 0, last.upper ?? 0];
    const by = ((upper - lower) / 10 || 1) * (comparison === "outside" ? 1 : -1);
    return { severity, lower: lower - by, upper: upper + by };
  }
  const threshold = last.threshold ?? 0;
  const by = Math.abs(threshold) / 10 || 1;
  const step = rounded(by, by, Math.ceil);
  return { severity, threshold: isUp(comparison) ? threshold + step : threshold - step };
}
