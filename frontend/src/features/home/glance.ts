import type { components } from "~/api/schema";

export type Query = components["schemas"]["QuerySpec"];
type AlertOut = components["schemas"]["AlertOut"];
type Result = components["schemas"]["QueryAnswer"]["results"][number];

/** A metric that Home shows as a small line. */
export interface Glance {
  readonly metric: string;
  readonly statistic: string;
  readonly unit: string | null;
  /** The alert that watches it, where one does. */
  readonly alert: { readonly id: string; readonly name: string } | null;
}

/** So many fit on a page without scrolling, and in one request. */
export const MOST = 8;

/**
 * What matters: metrics that alerts watch, those of alerts that fire first; then metrics that were seen
 * last, Skafu's own behind all others. Each once.
 */
export function glances(
  alerts: readonly AlertOut[],
  metrics: readonly {
    readonly name: string;
    readonly unit: string | null;
    readonly last_seen: number;
  }[],
): readonly Glance[] {
  const units = new Map(metrics.map((each) => [each.name, each.unit]));
  const firing = (alert: AlertOut) => alert.instances.some((each) => each.state === "ALARM");
  const found = new Map<string, Glance>();
  for (const alert of alerts.toSorted((a, b) => Number(firing(b)) - Number(firing(a)))) {
    if (typeof alert.metric === "string" && !found.has(alert.metric)) {
      found.set(alert.metric, {
        metric: alert.metric,
        statistic: alert.statistic ?? "avg",
        unit: units.get(alert.metric) ?? null,
        alert: { id: alert.id, name: alert.name },
      });
    }
  }
  const own = (name: string) => Number(name.startsWith("skafu."));
  const bySight = metrics.toSorted(
    (a, b) => own(a.name) - own(b.name) || b.last_seen - a.last_seen,
  );
  for (const each of bySight) {
    if (!found.has(each.name)) {
      found.set(each.name, { metric: each.name, statistic: "avg", unit: each.unit, alert: null });
    }
  }
  return [...found.values()].slice(0, MOST);
}

/** One query for each, all series of a metric taken together. */
export function queriesOf(glances: readonly Glance[]): readonly Query[] {
  return glances.map((each, index) => ({
    id: `g${index}`,
    metric: each.metric,
    statistic: each.statistic,
    period: 60,
    filters: [],
    group_by: [],
    expression: null,
    fill: "null",
    hidden: false,
    unit: null,
  }));
}

/** The values of a result's only series, and the last of them that is there. */
export function lineOf(result: Result | undefined): {
  readonly values: readonly (number | null)[];
  readonly last: number | null;
} {
  const values = result?.series[0]?.values ?? [];
  return { values, last: values.findLast((each) => each !== null) ?? null };
}
