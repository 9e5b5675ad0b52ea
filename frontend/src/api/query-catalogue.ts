import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { body } from "./client";
import { useApi } from "./context";
import type { components } from "./schema";

export type MetricRow = components["schemas"]["MetricRow"];
export type TagRow = components["schemas"]["TagRow"];
export type TagValueRow = components["schemas"]["TagValueRow"];

/** The most that a page of the catalogue holds. */
const PAGE = "1000";
/** What exists changes seldom: typing asks again only for what was not asked lately. */
const FRESH_MS = 60_000;

/** The metrics whose names begin with `prefix`, the first 1,000; `cursor` tells that there are more. */
export function useMetrics(prefix: string, enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: ["metrics", "names", prefix],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/metrics", {
          params: { query: { limit: PAGE, ...(prefix === "" ? {} : { prefix }) } },
          signal,
        }),
      ),
    enabled,
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
  });
}

/** The tags of a metric's series. */
export function useTags(metric: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["metrics", "tags", metric],
    queryFn: ({ signal }) =>
      body(api.GET("/api/metrics/tags", { params: { query: { metric, limit: PAGE } }, signal })),
    enabled: metric !== "",
    staleTime: FRESH_MS,
  });
}

/** The values of a metric's tag that begin with `prefix`. */
export function useTagValues(metric: string, key: string, prefix = "") {
  const api = useApi();
  return useQuery({
    queryKey: ["metrics", "values", metric, key, prefix],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/metrics/tags/{key}", {
          params: {
            path: { key },
            query: { metric, limit: PAGE, ...(prefix === "" ? {} : { prefix }) },
          },
          signal,
        }),
      ),
    enabled: metric !== "" && key !== "",
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
  });
}

/** What of `names` to offer for what was typed: those that begin with it first, then those that contain it. */
export function matching(rows: readonly MetricRow[], text: string): MetricRow[] {
  const wanted = text.trim().toLowerCase();
  const begins = (row: MetricRow) => row.name.toLowerCase().startsWith(wanted);
  const contains = rows.filter((row) => row.name.toLowerCase().includes(wanted));
  return [...contains.filter(begins), ...contains.filter((row) => !begins(row))];
}

/**
 * The catalogue for a field in which a metric's name is typed: found anywhere in the name as long as all
 * names fit in one page, by how it begins otherwise.
 */
export function useCatalogue(text: string) {
  const all = useMetrics("");
  const isWhole = all.data?.cursor === null;
  const begun = useMetrics(text.trim(), all.isSuccess && !isWhole && text.trim() !== "");
  const found = isWhole || text.trim() === "" ? all : begun;
  const rows = found.data?.metrics ?? [];
  return {
    rows: isWhole ? matching(rows, text) : rows,
    isEmpty: all.data?.metrics.length === 0,
    isLoading: found.isFetching,
    error: found.error,
    retry: () => void found.refetch(),
    /** Of an exact name; undefined as long as it was not seen. */
    rowOf: (name: string): MetricRow | undefined =>
      [...(all.data?.metrics ?? []), ...(begun.data?.metrics ?? [])].find(
        (row) => row.name === name,
      ),
  };
}
