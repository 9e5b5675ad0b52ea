import type { components } from "~/api/schema";

/** The API's alerts, by the names that this area uses. */
type Schemas = components["schemas"];

export type Alert = Schemas["AlertOut"];
export type AlertIn = Schemas["AlertIn"];
export type Instance = Schemas["InstanceOut"];
export type State = Schemas["State"];
export type Severity = Schemas["Severity"];
export type Event = Schemas["EventOut"];
export type Comparison = Schemas["Comparison"];
export type MissingData = Schemas["MissingData"];
export type Kind = Schemas["Kind"];
export type Backtest = Schemas["BacktestOut"];
export type Transition = Schemas["TransitionOut"];
export type Explanation = Schemas["ExplainOut"];
export type Version = Schemas["VersionOut"];
export type Remark = Schemas["RemarkOut"];
export type Drill = Schemas["DrillOut"];
export type Filter = Schemas["Filter"];
export type TransformType = Schemas["TransformType"];

/** What a composite asks of other alerts: exactly one of these. */
export interface Condition {
  readonly alert?: string;
  readonly all?: readonly Condition[];
  readonly any?: readonly Condition[];
  readonly not?: Condition;
}

/** A further threshold with a graver severity. */
export interface Level {
  readonly severity: Severity;
  readonly threshold?: number | null;
  readonly lower?: number | null;
  readonly upper?: number | null;
  readonly recovery?: number | null;
}

export interface Transform {
  readonly type: TransformType;
  readonly offset?: number | null;
  readonly horizon?: number | null;
  readonly lookback?: number | null;
  readonly season?: Schemas["Season"] | null;
  readonly seasons?: number | null;
}

/** An alert as it is being shaped: what is not said yet may be missing. */
export interface AlertDraft
  extends Partial<Omit<AlertIn, "name" | "levels" | "transform" | "condition">> {
  readonly name: string;
  readonly levels?: readonly Level[];
  readonly transform?: Transform | null;
  readonly condition?: Condition | null;
}

export type Tags = Readonly<Record<string, string>>;

/** Greatest first. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];

/** What asks for attention first. */
export const STATES: readonly State[] = ["ALARM", "INSUFFICIENT_DATA", "OK"];

/** Whether an alert is the stand-in of a fire drill: it has the name of the one that it stands in for. */
export function isDrill(alert: Pick<Alert, "id">): boolean {
  return alert.id.startsWith("drill-");
}

/** 0 is the gravest. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** 0 is what asks for attention first. */
export function stateRank(state: State): number {
  return STATES.indexOf(state);
}

/** The same for the same tags, in whatever order they come. */
export function tagsKey(tags: Tags): string {
  return JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One line: "host=web-1, zone=b"; of an instance without tags nothing. */
export function tagsText(tags: Tags): string {
  return Object.entries(tags)
    .map(([tag, value]) => `${tag}=${value}`)
    .join(", ");
}
