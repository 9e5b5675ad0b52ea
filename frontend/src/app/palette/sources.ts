import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import type { Entry } from "./entries";

/** While somebody types, it is not asked for each letter. */
const PAUSE_MS = 150;
const FRESH_MS = 60_000;
const MOST_METRICS = 200;
const MOST_DASHBOARDS = 100;

export interface Found {
  readonly entries: readonly Entry[];
  readonly loading: boolean;
  /** Why some are missing, in sentences. */
  readonly failures: readonly string[];
}

/** Dashboards, alerts and metrics, from the API: nothing is asked before something is typed. */
export function useSources(typed: string): Found {
  const api = useApi();
  const text = usePaused(typed.trim());
  const enabled = text !== "";

  const shared = { enabled, staleTime: FRESH_MS } as const;
  const metrics = useQuery({
    ...shared,
    queryKey: ["metrics", "palette"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/metrics", { params: { query: { limit: String(MOST_METRICS) } }, signal })),
  });
  // With more names than one page holds, those that begin with what is typed are asked for.
  const more = useQuery({
    ...shared,
    enabled: enabled && metrics.data?.cursor != null,
    queryKey: ["metrics", "palette", text],
    queryFn: ({ signal }) =>
      body(api.GET("/api/metrics", { params: { query: { prefix: text, limit: "10" } }, signal })),
    placeholderData: keepPreviousData,
  });
  const dashboards = useQuery({
    ...shared,
    queryKey: ["dashboards", "palette"],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/dashboards", {
          params: { query: { limit: String(MOST_DASHBOARDS) } },
          signal,
        }),
      ),
  });
  const alerts = useQuery({
    ...shared,
    queryKey: ["alerts", "palette"],
    queryFn: ({ signal }) => body(api.GET("/api/alerts", { params: { query: {} }, signal })),
  });

  const names = new Map(
    [...(metrics.data?.metrics ?? []), ...(more.data?.metrics ?? [])].map((each) => [
      each.name,
      each,
    ]),
  );
  const entries: Entry[] = [
    ...(dashboards.data?.dashboards ?? []).map((each) => ({
      id: `dashboard ${each.id}`,
      group: "Dashboards" as const,
      label: each.name,
      to: { path: "/dashboards/$id", params: { id: each.id } },
    })),
    ...(alerts.data?.alerts ?? []).map((each) => ({
      id: `alert ${each.id}`,
      group: "Alerts" as const,
      label: each.name,
      hint: each.severity,
      ...(each.metric === null ? {} : { words: each.metric }),
      to: { path: "/alerts/$id", params: { id: each.id } },
    })),
    ...[...names.values()].map((each) => ({
      id: `metric ${each.name}`,
      group: "Metrics" as const,
      label: each.name,
      ...(each.unit === null ? {} : { hint: each.unit }),
      to: { path: "/explore", search: { last: 3_600, metric: each.name } },
    })),
  ];
  const asked: readonly (readonly [string, UseQueryResult])[] = [
    ["Metrics", metrics],
    ["More metrics", more],
    ["Dashboards", dashboards],
    ["Alerts", alerts],
  ];
  return {
    entries: enabled ? entries : [],
    loading: asked.some(([, each]) => each.isFetching && each.data === undefined),
    failures: asked
      .filter(([, each]) => each.error !== null)
      .map(([what, each]) => `${what} cannot be searched now. ${each.error?.message ?? ""}`),
  };
}

function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
