import type { AlertDraft } from "./model";

/**
 * Two people edit one alert: what each of them changed since the version that both began with, field
 * by field.
 */
export interface Conflict {
  /** What the other one changed. */
  readonly theirs: readonly FieldChange[];
  /** What was changed here, and is not so already. */
  readonly mine: readonly FieldChange[];
  /** Fields that both changed, to different values. */
  readonly both: ReadonlySet<string>;
}

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields in which two definitions differ, in the order of their names. What is missing is null. */
export function changesBetween(before: AlertDraft, after: AlertDraft): FieldChange[] {
  const [old, now] = [before as unknown as Fields, after as unknown as Fields];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .sort()
    .filter((field) => !same(old[field], now[field]))
    .map((field) => ({ field, before: old[field] ?? null, after: now[field] ?? null }));
}

export function conflictOf(base: AlertDraft, mine: AlertDraft, theirs: AlertDraft): Conflict {
  const others = changesBetween(base, theirs);
  const own = changesBetween(base, mine).filter(
    ({ field, after }) => !same((theirs as unknown as Fields)[field], after),
  );
  const changed = new Set(others.map((each) => each.field));
  return {
    theirs: others,
    mine: own,
    both: new Set(own.map((each) => each.field).filter((field) => changed.has(field))),
  };
}

/** Their version with what was changed here on top: in a field that both changed, mine counts. */
export function mineOnTop(base: AlertDraft, mine: AlertDraft, theirs: AlertDraft): AlertDraft {
  const merged: Record<string, unknown> = { ...theirs };
  for (const { field } of changesBetween(base, mine)) {
    merged[field] = (mine as unknown as Fields)[field] ?? null;
  }
  return merged as unknown as AlertDraft;
}

/** Equal as JSON, in whatever order fields come; not given and null are the same. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "null";
}

function sorted(value: unknown): unknown {
  if (value === undefined || value === null) {
    return null;
  }
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, each]) => each !== undefined && each !== null)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, each]) => [name, sorted(each)]),
    );
  }
  return value;
}

const NAMES: Readonly<Record<string, string>> = {
  type: "Kind",
  runbook_url: "Runbook",
  group_by: "One instance for each",
  evaluation_periods: "Periods that count (N)",
  datapoints_to_alarm: "Periods that must be breaching (M)",
  missing_data: "Missing data",
  hold: "Silence never resolves",
  keep_firing: "Keep firing",
  no_data_for: "Fires after silence of",
  condition: "Rule",
};

/** "evaluation_periods" as people read it. */
export function fieldName(field: string): string {
  const [first = "", ...rest] = field.split(".");
  const spoken =
    NAMES[first] ?? first.charAt(0).toUpperCase() + first.slice(1).replaceAll("_", " ");
  return rest.length === 0 ? spoken : `${spoken}, ${rest.join(" ")}`;
}

/** A field's value for people: text as it is, all else as JSON; nothing is "none". */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined || value === "") {
    return "none";
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
