import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { body } from "~/api/client";
import { useApi } from "~/api/context";

/** As many as a list of choices shows: more are found by typing. */
const MOST = "1000";
const MOST_METRICS = "50";
const FRESH_MS = 60_000;

/** Metrics whose names begin so. */
export function useMetricNames(prefix: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["metrics", "names", prefix],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/metrics", {
          params: { query: { limit: MOST_METRICS, ...(prefix === "" ? {} : { prefix }) } },
          signal,
        }),
      ),
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
  });
}

/** The keys of a metric's tags; none for no metric. */
export function useTagKeys(metric: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["metrics", "tags", metric ?? null],
    queryFn: ({ signal }) =>
      body(api.GET("/api/metrics/tags", { params: { query: { metric: metric ?? "" } }, signal })),
    enabled: metric !== undefined && metric !== "",
    staleTime: FRESH_MS,
  });
}

/** The values of a metric's tag; none for no metric. */
export function useTagValues(metric: string | null | undefined, key: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["metrics", "tags", metric ?? null, key],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/metrics/tags/{key}", {
          params: { path: { key }, query: { metric: metric ?? "", limit: MOST } },
          signal,
        }),
      ),
    enabled: metric != null && metric !== "" && key !== "",
    staleTime: FRESH_MS,
  });
}
