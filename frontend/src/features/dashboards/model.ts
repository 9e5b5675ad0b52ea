import type { components } from "~/api/schema";
import { compacted } from "./layout";

type Schemas = components["schemas"];

export type PanelType = Schemas["Panel"]["type"];
export type Severity = Schemas["PanelThreshold"]["severity"];
export type Operator = Schemas["Operator"];
export type Unit = NonNullable<Schemas["Panel"]["unit"]>;
export type Threshold = Schemas["PanelThreshold"];

/** A condition on a tag; the value `$name` stands for what is chosen for the variable `name`. */
export interface PanelFilter {
  readonly tag: string;
  readonly op: Operator;
  readonly value: string | readonly string[] | boolean;
}

/** A query as POST /api/metrics/query takes it, but for variables in its filters. */
export interface PanelQuery {
  readonly id: string;
  readonly metric?: string;
  readonly statistic?: string;
  readonly period?: number;
  readonly filters?: readonly PanelFilter[];
  readonly group_by?: readonly string[];
  readonly unit?: string;
  readonly fill?: Schemas["Fill"];
  readonly expression?: string;
  readonly hidden?: boolean;
}

export interface PanelAlerts {
  readonly severity?: Severity;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A rectangle of the grid: columns 0 to 11, rows of ROW_PX; `x` and `y` are its upper left corner. */
export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Panel extends Box {
  readonly title: string;
  readonly type: PanelType;
  readonly queries: readonly PanelQuery[];
  readonly unit?: Unit;
  readonly thresholds: readonly Threshold[];
  readonly text?: string;
  readonly alerts?: PanelAlerts;
}

/** `$name` in filters: the values of `tag` that are chosen. No default means all of them. */
export interface Variable {
  readonly name: string;
  readonly tag: string;
  readonly metric?: string;
  readonly default: readonly string[];
}

/** What people edit, what is exported and imported. */
export interface Content {
  readonly name: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly range: { readonly last: number };
  readonly panels: readonly Panel[];
}

/** A stored version of a dashboard. */
export interface Dashboard {
  readonly id: string;
  readonly version: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
  readonly content: Content;
}

export const COLUMNS = 12;
export const ROW_PX = 80;
export const GAP_PX = 16;

/** The API's limits (backend/skafu/workspace/dashboards/limits.py). */
export const LIMITS = {
  rows: 1_000,
  height: 50,
  panels: 60,
  queries: 10,
  variables: 10,
  defaults: 100,
  thresholds: 10,
  line: 200,
  description: 2_000,
  text: 10_000,
  rangeSeconds: { least: 60, most: 455 * 86_400 },
  choices: 100,
  filters: 30,
} as const;

export interface PanelKind {
  readonly label: string;
  readonly about: string;
  /** Whether it asks for metrics. */
  readonly queries: boolean;
  readonly size: { readonly w: number; readonly h: number };
  readonly least: { readonly w: number; readonly h: number };
}

/** What the types are called, and how large they are when they are made, and at least. */
export const PANEL_KINDS: Readonly<Record<PanelType, PanelKind>> = {
  line: kind("Line", "Values over time", true, [6, 4], [3, 3]),
  area: kind("Area", "Values over time, filled", true, [6, 4], [3, 3]),
  stat: kind("Number", "The latest value with a sparkline", true, [3, 2], [2, 2]),
  top_list: kind("Top list", "The largest latest values, one bar each", true, [4, 4], [2, 2]),
  table: kind("Table", "Latest, average, smallest and largest per series", true, [6, 4], [3, 2]),
  heatmap: kind("Heat map", "How values are distributed over time", true, [6, 4], [3, 3]),
  alerts: kind("Alerts", "What is in alarm now", false, [4, 4], [3, 2]),
  text: kind("Text", "Notes with links", false, [4, 2], [1, 1]),
};

function kind(
  label: string,
  about: string,
  queries: boolean,
  [w, h]: readonly [number, number],
  [leastW, leastH]: readonly [number, number],
): PanelKind {
  return { label, about, queries, size: { w, h }, least: { w: leastW, h: leastH } };
}

/** An id that none of `taken` has: a word and a number. */
export function freshId(word: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  let number = used.size + 1;
  while (used.has(`${word}-${number}`)) {
    number += 1;
  }
  return `${word}-${number}`;
}

/**
 * A dashboard of the API with all that it may leave out, which is as if given as its default. Panels
 * that hang in the air fall, as they do whenever one is moved.
 */
export function contentOf(stored: Schemas["DashboardIn"]): Content {
  return {
    name: stored.name,
    description: stored.description ?? "",
    range: { last: stored.range?.last ?? 3_600 },
    variables: (stored.variables ?? []).map((each) => ({
      name: each.name,
      tag: each.tag,
      ...(each.metric == null ? {} : { metric: each.metric }),
      default: each.default ?? [],
    })),
    panels: compacted((stored.panels ?? []).map(panelOf)),
  };
}

function panelOf(stored: Schemas["Panel"]): Panel {
  const { id, title, type, x, y, w, h } = stored;
  return {
    ...{ id, title, type, x, y, w, h },
    queries: (stored.queries ?? []).map((each) => given(each) as unknown as PanelQuery),
    thresholds: stored.thresholds ?? [],
    ...given({ unit: stored.unit, text: stored.text }),
    ...(stored.alerts == null ? {} : { alerts: given(stored.alerts) as PanelAlerts }),
  };
}

/** Without the fields that are null: JSON has them, and they mean the same as none. */
function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const known = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(known) as { [K in keyof T]?: NonNullable<T[K]> };
}

export function dashboardOf(stored: Schemas["DashboardOut"]): Dashboard {
  return {
    id: stored.id,
    version: stored.version,
    updatedAt: stored.updated_at,
    updatedBy: stored.updated_by,
    content: contentOf(stored),
  };
}

/** What the API takes. Its generated type asks for fields that have defaults; the API does not. */
export function requestOf(content: Content): Schemas["DashboardIn"] {
  return content as unknown as Schemas["DashboardIn"];
}
