import type { components } from "~/api/schema";
import { summarise } from "~/ui/chart/summary";
import type { ChartSeries, Span, Tone } from "~/ui/chart/types";
import type { Panel, PanelQuery, Severity, Threshold } from "./model";

type Answer = components["schemas"]["QueryAnswer"];

/** What a panel asks for: its queries over a stretch of time, in at most so many buckets. */
export interface Asked extends Span {
  readonly queries: readonly PanelQuery[];
  readonly points: number;
}

/** A panel draws no more: a point for each half pixel. */
const POINTS_PER_PIXEL = 2;
/** Finer buckets than metrics come show gaps between all points: most come every minute, some every 10 s. */
const SHORT_RANGE_MS = 1_800_000;
const FINEST_MS = { short: 10_000, long: 60_000 };

/** What a heat map asks for where its query says no percentiles. */
const RANKS = [0, 5, 10, 25, 50, 75, 90, 95, 99, 100];

/** How many buckets are asked for: what the width can show, and no finer than points come. */
export function maxPoints(width: number, span: Span): number {
  const length = span.end - span.start;
  const finest = length > SHORT_RANGE_MS ? FINEST_MS.long : FINEST_MS.short;
  // A range begins and ends within buckets: it meets up to two more than it has the length of.
  const most = Math.ceil(length / finest) + 2;
  return Math.max(2, Math.min(Math.floor(width * POINTS_PER_PIXEL), most));
}

/** The request for a panel's queries, whose variables have their values already. */
export function requestFor(
  panel: Pick<Panel, "type">,
  queries: readonly PanelQuery[],
  span: Span,
  width: number,
): Asked {
  const asked = panel.type === "heatmap" ? byPercentile(queries) : queries;
  return { start: span.start, end: span.end, queries: asked, points: maxPoints(width, span) };
}

/** One query for each percentile, unless the panel names them itself. Only one metric is drawn. */
export function byPercentile(queries: readonly PanelQuery[]): PanelQuery[] {
  const shown = queries.filter((each) => !each.hidden && each.metric !== undefined);
  const named = shown.filter((each) => /^p[\d.]+$/.test(each.statistic ?? ""));
  if (named.length > 1) {
    return named;
  }
  const [first] = shown;
  return first === undefined
    ? []
    : RANKS.map((rank) => ({
        ...first,
        id: `p${rank}`,
        statistic: `p${rank}`,
        group_by: [],
      }));
}

/** The lines that an answer has, with the names that tell them apart. */
export function seriesOf(answer: Answer, queries: readonly PanelQuery[]): ChartSeries[] {
  const several = answer.results.filter((each) => each.series.length > 0).length > 1;
  return answer.results.flatMap((result) => {
    const query = queries.find((each) => each.id === result.id);
    return result.series.map((line) => {
      const tags = tagsText(line.tags);
      const name = query === undefined ? result.id : queryName(query, queries);
      return {
        id: `${result.id} ${JSON.stringify(line.tags)}`,
        label: tags === "" ? name : several ? `${name}, ${tags}` : tags,
        tags: line.tags,
        timestamps: line.timestamps,
        values: line.values,
        period: result.period,
        unit: line.unit ?? undefined,
      };
    });
  });
}

/** "host=a, zone=b"; one tag's value stands alone. */
function tagsText(tags: Readonly<Record<string, string>>): string {
  const known = Object.entries(tags);
  const [only] = known;
  if (known.length === 1 && only !== undefined) {
    return only[1] === "" ? `no ${only[0]}` : only[1];
  }
  return known.map(([key, value]) => `${key}=${value}`).join(", ");
}

/** The metric, with its statistic where another query asks for another one of the same metric. */
export function queryName(query: PanelQuery, queries: readonly PanelQuery[]): string {
  if (query.expression !== undefined) {
    return query.expression;
  }
  const alike = queries.filter((each) => each.metric === query.metric && !each.hidden);
  const metric = query.metric ?? query.id;
  return alike.length > 1 ? `${metric} ${query.statistic ?? "avg"}` : metric;
}

/** For a heat map the percentile is what tells its lines. */
export function percentilesOf(answer: Answer, queries: readonly PanelQuery[]): ChartSeries[] {
  const asked = byPercentile(queries);
  return answer.results.flatMap((result) => {
    const statistic = asked.find((each) => each.id === result.id)?.statistic;
    const [line] = result.series;
    return line === undefined || statistic === undefined
      ? []
      : [
          {
            ...{ id: statistic, label: statistic, tags: line.tags, period: result.period },
            ...{ timestamps: line.timestamps, values: line.values, unit: line.unit ?? undefined },
          },
        ];
  });
}

/** The panel's own unit, else the one that all its lines have. */
export function unitOf(panel: Pick<Panel, "unit">, series: readonly ChartSeries[]): string | null {
  if (panel.unit !== undefined) {
    return panel.unit;
  }
  const [first, ...others] = new Set(series.map((each) => each.unit ?? null));
  return others.length === 0 ? (first ?? null) : null;
}

/** Seconds of a bucket: the longest, where queries differ. */
export function periodOf(series: readonly ChartSeries[]): number {
  return series.reduce((longest, each) => Math.max(longest, each.period ?? 0), 0) || 60;
}

/** The severity of the highest threshold that the value has reached; null below all of them. */
export function severityAt(
  value: number | null,
  thresholds: readonly Threshold[],
): Severity | null {
  if (value === null) {
    return null;
  }
  const reached = thresholds.filter((each) => value >= each.value);
  return (
    reached.reduce<Threshold | null>(
      (highest, each) => (highest === null || each.value >= highest.value ? each : highest),
      null,
    )?.severity ?? null
  );
}

/** The tone of a number: its severity's, fine below all thresholds, plain where there are none. */
export function toneAt(value: number | null, thresholds: readonly Threshold[]): Tone | null {
  if (thresholds.length === 0 || value === null) {
    return null;
  }
  return severityAt(value, thresholds) ?? "ok";
}

export interface Ranked {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  /** Of the bar: from 0 to 1. */
  readonly share: number;
  readonly unit: string | undefined;
}

/** Lines by their last value, largest first. */
export function ranked(series: readonly ChartSeries[]): Ranked[] {
  const known = series.flatMap((each) => {
    const value = summarise(each.values).last;
    return value === null ? [] : [{ id: each.id, label: each.label, value, unit: each.unit }];
  });
  const most = known.reduce((found, each) => Math.max(found, Math.abs(each.value)), 0);
  return known
    .sort((a, b) => b.value - a.value)
    .map((each) => ({ ...each, share: most === 0 ? 0 : Math.abs(each.value) / most }));
}
