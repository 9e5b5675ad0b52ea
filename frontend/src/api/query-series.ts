import { steady } from "~/ui/chart/steady";
import type { ChartSeries } from "~/ui/chart/types";
import { type QueryResult, tagsText } from "./query";

export interface Naming {
  /** What a query is called; its id when this gives nothing. */
  readonly nameOf?: (queryId: string) => string | undefined;
  /** The series are of so many ms ago: they are moved to now, and drawn faintly. */
  readonly shift?: number;
  /** Said after the label of such a series: "a week before". */
  readonly suffix?: string;
  /** Whether somebody chose the period: then an empty bucket is a gap. Otherwise series that come less often than buckets are joined (steady). */
  readonly isExact?: (queryId: string) => boolean;
}

/**
 * An answer's series for a chart, in the answer's order. Where a query has one series, it is called as the
 * query; where it has several, by tags, after the query's name if there are several queries.
 */
export function chartSeries(results: readonly QueryResult[], naming: Naming = {}): ChartSeries[] {
  const { shift = 0, suffix } = naming;
  const isExact = naming.isExact ?? (() => false);
  let slot = 0;
  return results.flatMap((result) => {
    const name = naming.nameOf?.(result.id) ?? result.id;
    return result.series.map((line): ChartSeries => {
      const tags = tagsText(line.tags);
      const label = tags === "" ? name : results.length === 1 ? tags : `${name} · ${tags}`;
      const times = shift === 0 ? line.timestamps : line.timestamps.map((time) => time + shift);
      const points = isExact(result.id)
        ? { timestamps: times, values: line.values, period: result.period }
        : steady(times, line.values, result.period);
      return {
        id: seriesId(result.id, line.tags) + (shift === 0 ? "" : ` -${shift}`),
        label: suffix === undefined ? label : `${label} (${suffix})`,
        tags: line.tags,
        ...points,
        unit: line.unit ?? undefined,
        slot: slot++,
        ...(shift === 0 ? {} : { faint: true }),
      };
    });
  });
}

/** The same series has the same id in every answer. */
export function seriesId(queryId: string, tags: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${queryId} ${JSON.stringify(sorted)}`;
}

/** Earlier series in the colours of those that they are compared with. */
export function inColoursOf(
  earlier: readonly ChartSeries[],
  present: readonly ChartSeries[],
): ChartSeries[] {
  const bare = (id: string) => id.replace(/ -\d+$/, "");
  const slots = new Map(present.map((each) => [each.id, each.slot]));
  return earlier.map((each) => {
    const slot = slots.get(bare(each.id)) ?? each.slot;
    return slot === undefined ? each : { ...each, slot };
  });
}

/** The unit that all series have; undefined where they have different ones, or none. */
export function commonUnit(series: readonly ChartSeries[]): string | undefined {
  const units = new Set(series.map((each) => each.unit));
  return units.size === 1 ? [...units][0] : undefined;
}

/** The finest period of the answer, in seconds: that decides on gaps where a series tells none. */
export function finestPeriod(results: readonly QueryResult[]): number {
  return results.reduce((least, each) => Math.min(least, each.period), Number.POSITIVE_INFINITY);
}
