import type { AlertDraft, Comparison, MissingData } from "../model";

/** The thresholds of an alert, or of one of its levels. */
export interface Limits {
  readonly threshold?: number | null;
  readonly lower?: number | null;
  readonly upper?: number | null;
  readonly recovery?: number | null;
}

/** What decides when an alert fires: of a definition all that a browser can evaluate. */
export interface Rules extends Limits {
  /** Seconds. */
  readonly period: number;
  readonly comparison: Comparison;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
  readonly hold: boolean;
  /** Seconds. */
  readonly keepFiring: number;
  /** Seconds. */
  readonly cooldown: number;
  readonly levels: readonly Limits[];
}

export function isRange(comparison: Comparison): boolean {
  return comparison === "outside" || comparison === "inside";
}

function isComplete(comparison: Comparison, limits: Limits): boolean {
  return isRange(comparison)
    ? typeof limits.lower === "number" && typeof limits.upper === "number"
    : typeof limits.threshold === "number";
}

/** The rules of a draft; null as long as it is no metric's or lacks what they need. */
export function rulesOf(draft: AlertDraft): Rules | null {
  const { comparison, period } = draft;
  const periods = draft.evaluation_periods ?? 1;
  if ((draft.type ?? "metric") !== "metric" || comparison == null || period == null) {
    return null;
  }
  const levels = draft.levels ?? [];
  if (!isComplete(comparison, draft) || !levels.every((each) => isComplete(comparison, each))) {
    return null;
  }
  return {
    period,
    comparison,
    threshold: draft.threshold ?? null,
    lower: draft.lower ?? null,
    upper: draft.upper ?? null,
    recovery: draft.recovery ?? null,
    evaluationPeriods: periods,
    datapointsToAlarm: draft.datapoints_to_alarm ?? periods,
    missingData: draft.missing_data ?? "missing",
    hold: draft.hold ?? true,
    keepFiring: draft.keep_firing ?? 0,
    cooldown: draft.cooldown ?? 0,
    levels,
  };
}
