import { isRange } from "./evaluation/rules";
import type { Alert, AlertDraft, AlertIn, Comparison, Kind } from "./model";

/** What only the server says about an alert: all else is the definition, and survives an edit. */
const OF_THE_SERVER: ReadonlySet<string> = new Set([
  "id",
  "version",
  "created_at",
  "edited_at",
  "instances",
  "more_instances",
]);

/** Which fields only some kinds have (backend/skafu/alerts/asked.py); the others belong to all. */
const BELONGS: Readonly<Partial<Record<keyof AlertDraft, readonly Kind[]>>> = {
  metric: ["metric", "heartbeat"],
  statistic: ["metric"],
  period: ["metric", "heartbeat"],
  filters: ["metric", "heartbeat"],
  comparison: ["metric"],
  threshold: ["metric"],
  lower: ["metric"],
  upper: ["metric"],
  recovery: ["metric"],
  levels: ["metric"],
  transform: ["metric"],
  condition: ["composite"],
  no_data_for: ["heartbeat"],
  evaluation_periods: ["metric", "heartbeat"],
  datapoints_to_alarm: ["metric"],
  missing_data: ["metric"],
  hold: ["metric"],
  keep_firing: ["metric"],
  lateness: ["metric", "heartbeat"],
  grace: ["metric", "heartbeat"],
};

export const DEFAULT_SILENCE_S = 300;

/** A new alert before anything was said about it. No threshold: the chart offers one. */
export const NEW: AlertDraft = {
  type: "metric",
  name: "",
  metric: null,
  statistic: "avg",
  period: 60,
  filters: [],
  group_by: [],
  comparison: ">",
  threshold: null,
  evaluation_periods: 3,
  datapoints_to_alarm: 2,
  missing_data: "missing",
  hold: true,
  severity: "medium",
  keep_firing: 0,
  lateness: 300,
  grace: 30,
  cooldown: 0,
  channels: [],
  labels: {},
  levels: [],
  description: "",
};

/** The definition of a stored alert, with fields that this console does not know. */
export function draftOf(alert: Alert): AlertDraft {
  const fields = Object.entries(alert).filter(([name]) => !OF_THE_SERVER.has(name));
  return Object.fromEntries(fields) as unknown as AlertDraft;
}

/** What is sent: nothing that belongs to another kind, and no name with blanks around it. */
export function submission(draft: AlertDraft): AlertIn {
  const kind = draft.type ?? "metric";
  const fields = Object.entries(draft).filter(([name]) => {
    const kinds = BELONGS[name as keyof AlertDraft];
    return kinds === undefined || kinds.includes(kind);
  });
  const sent = Object.fromEntries(fields) as unknown as AlertIn;
  return { ...sent, name: draft.name.trim() };
}

export function withKind(draft: AlertDraft, kind: Kind): AlertDraft {
  if (kind === "heartbeat" && draft.no_data_for == null) {
    return withSilence({ ...draft, type: kind }, DEFAULT_SILENCE_S);
  }
  if (kind === "composite") {
    return { ...draft, type: kind, condition: draft.condition ?? null };
  }
  return {
    ...draft,
    type: kind,
    period: draft.period ?? 60,
    statistic: draft.statistic ?? "avg",
    comparison: draft.comparison ?? ">",
    evaluation_periods: draft.evaluation_periods ?? 1,
    missing_data: draft.missing_data ?? "missing",
  };
}

/** The server chooses periods of its own for a heartbeat that is asked for in seconds. */
export function withSilence(draft: AlertDraft, seconds: number | null): AlertDraft {
  const { period: _, evaluation_periods: __, ...rest } = draft;
  return { ...rest, no_data_for: seconds };
}

/** Thresholds go along: one number becomes an end of the range, and back. */
export function withComparison(draft: AlertDraft, comparison: Comparison): AlertDraft {
  const before = draft.comparison ?? ">";
  if (isRange(comparison) === isRange(before)) {
    const turned = isUp(comparison) !== isUp(before) && !isRange(comparison);
    // A recovery on the wrong side, and levels that grow less strict, make no sense any more.
    return { ...draft, comparison, ...(turned ? { recovery: null, levels: [] } : {}) };
  }
  if (isRange(comparison)) {
    const at = draft.threshold ?? null;
    const [lower, upper] = isUp(before) ? [draft.lower ?? null, at] : [at, draft.upper ?? null];
    return { ...draft, comparison, threshold: null, recovery: null, levels: [], lower, upper };
  }
  const threshold = (isUp(comparison) ? draft.upper : draft.lower) ?? null;
  return { ...draft, comparison, threshold, lower: null, upper: null, levels: [] };
}

export function isUp(comparison: Comparison): boolean {
  return comparison === ">" || comparison === ">=";
}

/** A threshold that is dragged takes its recovery along as far as the rules ask: never past it. */
export function withThreshold(draft: AlertDraft, threshold: number | null): AlertDraft {
  const { recovery } = draft;
  if (threshold === null || recovery == null) {
    return { ...draft, threshold };
  }
  const kept = isUp(draft.comparison ?? ">")
    ? Math.min(recovery, threshold)
    : Math.max(recovery, threshold);
  return { ...draft, threshold, recovery: kept };
}

/** A recovery stays on its side of the threshold. */
export function withRecovery(draft: AlertDraft, recovery: number | null): AlertDraft {
  const { threshold } = draft;
  if (recovery === null || threshold == null) {
    return { ...draft, recovery };
  }
  const kept = isUp(draft.comparison ?? ">")
    ? Math.min(recovery, threshold)
    : Math.max(recovery, threshold);
  return { ...draft, recovery: kept };
}

/** N takes M along: M is never more than N. */
export function withPeriods(draft: AlertDraft, periods: number): AlertDraft {
  const m = draft.datapoints_to_alarm;
  return {
    ...draft,
    evaluation_periods: periods,
    ...(m == null ? {} : { datapoints_to_alarm: Math.min(m, periods) }),
  };
}

/** The draft that a link carries; what it does not say is as in a new alert. Never fails. */
export function draftFromLink(text: string | undefined): AlertDraft {
  const given = text === undefined ? {} : parsed(text);
  const known = Object.entries(given).filter(([name, value]) => fits(name, value));
  return { ...NEW, ...Object.fromEntries(known) };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found)
      ? (found as Record<string, unknown>)
      : {};
  } catch {
    return {}; // A link that was cut: the form begins as a new alert's does.
  }
}

const TEXTS: ReadonlySet<string> = new Set(["name", "metric", "statistic", "description"]);
const NUMBERS: ReadonlySet<string> = new Set(["period", "threshold", "lower", "upper", "recovery"]);
const COMPARISONS: ReadonlySet<unknown> = new Set([">", ">=", "<", "<=", "outside", "inside"]);

function fits(name: string, value: unknown): boolean {
  if (TEXTS.has(name)) {
    return typeof value === "string";
  }
  if (NUMBERS.has(name)) {
    return typeof value === "number" && Number.isFinite(value);
  }
  switch (name) {
    case "comparison":
      return COMPARISONS.has(value);
    case "group_by":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
    case "filters":
      return Array.isArray(value) && value.every(isFilter);
    default:
      return false;
  }
}

function isFilter(value: unknown): boolean {
  const found = value as { tag?: unknown; op?: unknown; value?: unknown } | null;
  return (
    typeof found?.tag === "string" &&
    ["=", "!=", "in", "exists", "prefix"].includes(String(found.op)) &&
    found.value !== undefined
  );
}
