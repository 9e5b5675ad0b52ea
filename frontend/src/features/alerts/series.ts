import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type Api, body } from "~/api/client";
import { useApi } from "~/api/context";
import type { components } from "~/api/schema";
import type { ChartSeries, Span } from "~/ui/chart/types";
import { bucketsBefore, transformed } from "./evaluation/transform";
import type { AlertDraft } from "./model";
import { tagsKey, tagsText } from "./model";

type QueryRequest = components["schemas"]["QueryRequest"];
type Line = components["schemas"]["Line"];

/** More buckets than this are not asked for: a chart has about so many pixels. */
const MOST_BUCKETS = 1_500;

/** What an alert looks at in a stretch of time. */
export interface Watched {
  readonly series: readonly ChartSeries[];
  /** Seconds of a bucket. */
  readonly period: number;
  readonly unit: string | null;
  readonly warnings: readonly string[];
  /** Whether these are the very values that the alert compares: its period, its transform. */
  readonly exact: boolean;
  /** Why they are not; null where they are. */
  readonly why: string | null;
}

/** What is asked of the API; null for what looks at no metric. */
export interface Asked {
  readonly request: QueryRequest;
  readonly period: number;
  /** Buckets before the first one shown. */
  readonly before: number;
  readonly exact: boolean;
  readonly why: string | null;
}

const TOO_LONG =
  "This range has too many periods to draw each: the line is coarser than what the alert compares.";
const BY_SERVER =
  "What is usual is known to the server alone: the chart shows the values themselves.";

export function asked(draft: AlertDraft, span: Span): Asked | null {
  const { metric } = draft;
  const kind = draft.type ?? "metric";
  if (metric == null || metric === "" || kind === "composite") {
    return null;
  }
  const beat = kind === "heartbeat";
  const period = beat ? 60 : (draft.period ?? 60);
  const back = beat ? 0 : bucketsBefore(draft.transform, period);
  const count = Math.ceil((span.end - span.start) / (period * 1000)) + (back ?? 0);
  const exact = count <= MOST_BUCKETS && back !== null && !beat;
  const coarse = count - (back ?? 0) > MOST_BUCKETS;
  const before = exact ? back : 0;
  const start = aligned(span.start, period) - before * period * 1000;
  const query = {
    id: "a",
    metric,
    statistic: beat ? "count" : (draft.statistic ?? "avg"),
    filters: draft.filters ?? [],
    group_by: draft.group_by ?? [],
    ...(coarse ? {} : { period }),
  };
  const request = {
    start: coarse ? span.start : start,
    end: span.end,
    queries: [query],
    ...(coarse ? { max_points: MOST_BUCKETS / 2 } : {}),
  } as unknown as QueryRequest;
  const why = exact || beat ? null : back === null && !coarse ? BY_SERVER : TOO_LONG;
  return { request, period, before, exact, why };
}

function aligned(moment: number, period: number): number {
  return Math.floor(moment / (period * 1000)) * period * 1000;
}

/** The chart's series of an answer's lines: what is compared, where it is known. */
export function seriesOf(lines: readonly Line[], draft: AlertDraft, wanted: Asked): ChartSeries[] {
  return lines.map((line) => {
    const { before, exact, period } = wanted;
    const values = exact
      ? transformed(draft.transform, period, line.values, before)
      : [...line.values];
    return {
      id: tagsKey(line.tags),
      label: tagsText(line.tags) || (draft.metric ?? ""),
      tags: line.tags,
      timestamps: line.timestamps.slice(exact ? before : 0),
      values,
    };
  });
}

export async function readWatched(
  api: Api,
  draft: AlertDraft,
  wanted: Asked,
  signal: AbortSignal,
): Promise<Watched> {
  const answer = await body(api.POST("/api/metrics/query", { body: wanted.request, signal }));
  const [result] = answer.results;
  const lines = result?.series ?? [];
  const units = new Set(lines.map((each) => each.unit));
  const [unit = null] = units.size === 1 ? units : [];
  return {
    series: seriesOf(lines, draft, wanted),
    period: result?.period ?? wanted.period,
    unit,
    warnings: answer.warnings,
    exact: wanted.exact,
    why: wanted.why,
  };
}

/** What the alert looks at, over a span; while another one is awaited the last answer stays. */
export function useWatched(draft: AlertDraft, span: Span, only?: Readonly<Record<string, string>>) {
  const api = useApi();
  const narrowed = only === undefined ? draft : { ...draft, filters: filtersFor(draft, only) };
  const wanted = asked(narrowed, span);
  return useQuery({
    queryKey: ["query", "alert", wanted?.request, draft.transform ?? null],
    queryFn: ({ signal }) => readWatched(api, narrowed, wanted as Asked, signal),
    enabled: wanted !== null,
    placeholderData: keepPreviousData,
  });
}

/** The draft's filters and one for each tag of an instance. */
export function filtersFor(
  draft: AlertDraft,
  tags: Readonly<Record<string, string>>,
): NonNullable<AlertDraft["filters"]> {
  const own = Object.entries(tags).map(([tag, value]) => ({ tag, op: "=" as const, value }));
  return [...(draft.filters ?? []), ...own];
}

/** The values of the buckets that have ended, without a hole: what the evaluator goes through. */
export function closedValues(
  series: ChartSeries,
  period: number,
  now: number,
): { start: number; values: (number | null)[] } {
  const step = period * 1000;
  const start = series.timestamps[0] ?? 0;
  const closed = series.timestamps.filter((at) => at + step <= now);
  const last = closed.at(-1);
  if (last === undefined) {
    return { start, values: [] };
  }
  const values = Array<number | null>((last - start) / step + 1).fill(null);
  closed.forEach((at, place) => {
    values[(at - start) / step] = series.values[place] ?? null;
  });
  return { start, values };
}

/** The metric's unit, for words; null where it is not known. */
export function useWatchedUnit(draft: AlertDraft): string | null {
  const api = useApi();
  const metric = draft.metric ?? "";
  const found = useQuery({
    queryKey: ["metrics", "unit", metric],
    queryFn: ({ signal }) =>
      body(api.GET("/api/metrics", { params: { query: { prefix: metric, limit: "20" } }, signal })),
    enabled: metric !== "",
    staleTime: 300_000,
    select: (answer) => answer.metrics.find((each) => each.name === metric)?.unit ?? null,
  });
  return found.data ?? null;
}
