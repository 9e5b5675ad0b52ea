import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { useSettled } from "../backtests";

/** What is stored: names and tags to choose from. Each list is its first page; typing narrows it. */

const TYPING_MS = 200;
const STALE_MS = 60_000;

export function useMetrics(prefix: string) {
  const api = useApi();
  const typed = useSettled(prefix, prefix, TYPING_MS);
  return useQuery({
    queryKey: ["metrics", "names", typed],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/metrics", {
          params: { query: { limit: "100", ...(typed === "" ? {} : { prefix: typed }) } },
          signal,
        }),
      ),
    staleTime: STALE_MS,
    placeholderData: keepPreviousData,
    select: (found) => found.metrics,
  });
}

export function useTagKeys(metric: string | null | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["metrics", "tags", metric],
    queryFn: ({ signal }) =>
      body(api.GET("/api/metrics/tags", { params: { query: { metric: metric ?? "" } }, signal })),
    enabled: metric != null && metric !== "",
    staleTime: STALE_MS,
    select: (found) => found.tags,
  });
}

export function useTagValues(metric: string | null | undefined, key: string, prefix: string) {
  const api = useApi();
  const typed = useSettled(prefix, prefix, TYPING_MS);
  return useQuery({
    queryKey: ["metrics", "values", metric, key, typed],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/metrics/tags/{key}", {
          params: {
            path: { key },
            query: { metric: metric ?? "", ...(typed === "" ? {} : { prefix: typed }) },
          },
          signal,
        }),
      ),
    enabled: metric != null && metric !== "" && key !== "",
    staleTime: STALE_MS,
    placeholderData: keepPreviousData,
    select: (found) => found.values,
  });
}
