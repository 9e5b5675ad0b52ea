import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Span } from "~/ui/chart/types";
import { spanOf, type TimeRange } from "~/ui/time-range";
import { type Api, body } from "./client";
import { useApi } from "./context";
import {
  earlier,
  fewerPoints,
  type MetricQuery,
  maxPoints,
  type QueryAnswer,
  requestBody,
} from "./query";

export interface MetricRequest {
  readonly range: TimeRange;
  readonly queries: readonly MetricQuery[];
  /** CSS pixels of the chart: at most two points for each are asked for. Nothing is asked for 0. */
  readonly width: number;
}

export interface MetricOptions {
  /** Seconds between refreshes; 0 or nothing: none. */
  readonly refresh?: number | undefined;
  readonly enabled?: boolean;
  /** So many ms earlier: what is compared with. */
  readonly shift?: number;
}

/** An answer, and the stretch of time that it is of: ranges that end now mean another one each time. */
export interface Answered {
  readonly answer: QueryAnswer;
  readonly span: Span;
}

const MOST_TRIES = 3;

/** How many buckets there was room for, by queries: a live view need not be refused each time. */
const room = new WeakMap<Api, Map<string, number>>();

function roomOf(api: Api): Map<string, number> {
  const known = room.get(api) ?? new Map<string, number>();
  room.set(api, known);
  return known;
}

/** Asks, and asks for fewer buckets where many series leave no room for so many. */
export async function ask(
  api: Api,
  queries: readonly MetricQuery[],
  span: Span,
  points: number,
  signal?: AbortSignal,
): Promise<QueryAnswer> {
  const known = roomOf(api);
  const key = JSON.stringify(queries);
  let asked = Math.min(points, known.get(key) ?? points);
  for (let tries = 1; ; tries++) {
    try {
      return await body(
        api.POST("/api/metrics/query", {
          body: requestBody(queries, span, asked),
          ...(signal === undefined ? {} : { signal }),
        }),
      );
    } catch (error) {
      const fewer = fewerPoints(error, asked, span);
      if (fewer === null || tries >= MOST_TRIES) {
        throw error;
      }
      asked = fewer;
      known.set(key, fewer);
    }
  }
}

/**
 * The answer to queries over a range, kept fresh. `last` is the newest answer there is, also while another
 * one is awaited or where it failed; then `isOld` is true, and it is shown pale. `query` is TanStack's result.
 */
export function useMetricQuery(request: MetricRequest, options: MetricOptions = {}) {
  const api = useApi();
  const { range, queries, width } = request;
  const { refresh = 0, enabled = true, shift = 0 } = options;
  const points = maxPoints(width);
  const query = useQuery({
    queryKey: ["query", range, queries, points, shift],
    queryFn: async ({ signal }): Promise<Answered> => {
      const span = spanOf(range);
      return { answer: await ask(api, queries, earlier(span, shift), points, signal), span };
    },
    enabled: enabled && width > 0 && queries.some((each) => each.hidden !== true),
    placeholderData: keepPreviousData,
    refetchInterval: refresh > 0 ? refresh * 1000 : false,
  });
  const kept = useRef<Answered | undefined>(undefined);
  useEffect(() => {
    kept.current = query.data ?? kept.current;
  });
  const last = query.data ?? (query.isError ? kept.current : undefined);
  return {
    query,
    last,
    isOld: last !== undefined && (query.isPlaceholderData || query.isError),
    isFirst: query.isPending && query.fetchStatus !== "idle",
    error: query.error,
    warnings: query.data?.answer.warnings ?? [],
  };
}
