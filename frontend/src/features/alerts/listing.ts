import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { LIVE_MS, useActiveSilences } from "./data";
import { readFiring } from "./firing";
import { byUrgency, isNamed, merged, type Row, rowOf } from "./list";
import type { Alert } from "./model";
import type { ListSearch } from "./search";

/** A name is searched in so many pages by itself; farther on demand, page by page. */
const SEARCHED_PAGES = 10;
/** The more pages are shown, the longer their refresh takes; what fires is asked for by itself. */
const PAGES_A_ROUND = 2;

/** The alerts that a filter lets pass, as far as they were read. */
export interface Listing {
  readonly rows: readonly Row[];
  /** How many alerts were looked at. */
  readonly read: number;
  readonly hasMore: boolean;
  readonly isPending: boolean;
  readonly isFetching: boolean;
  readonly error: unknown;
  readonly more: () => void;
  readonly refetch: () => void;
}

/**
 * Alerts come in pages, those with `state` by the API's own order in it. Without a state what fires
 * stands first however far back it is in the list: it is read by itself.
 */
export function useListing(search: ListSearch): Listing {
  const api = useApi();
  const { state, severity, name } = search;
  const [count, setCount] = useState(1);
  const filter = { ...(state && { state }), ...(severity && { severity }) };
  const pages = usePages(
    ["alerts", "list", filter],
    (cursor, signal) =>
      body(
        api.GET("/api/alerts", {
          params: { query: { ...filter, ...(cursor && { cursor }) } },
          signal,
        }),
      ),
    { refetchInterval: LIVE_MS * Math.ceil(count / PAGES_A_ROUND) },
  );
  const firing = useQuery({
    queryKey: ["alerts", "firing"],
    queryFn: ({ signal }) => readFiring(api, signal),
    refetchInterval: LIVE_MS,
    enabled: state === undefined,
  });
  const silences = useActiveSilences();
  const read = pages.pages.length;
  useEffect(() => setCount(Math.max(1, read)), [read]);
  const { hasMore, isFetching, more } = pages;
  useEffect(() => {
    if (name !== undefined && hasMore && !isFetching && read < SEARCHED_PAGES) {
      more();
    }
  }, [name, hasMore, isFetching, read, more]);

  const alerts = useMemo(() => {
    const listed = pages.pages.flatMap((page) => page.alerts);
    const known = new Set(listed.map((each) => each.id));
    const urgent = (firing.data?.firing ?? []).map((each) => each.alert);
    // A listed alert's own answer has all its instances; one that is only known to fire has those.
    const others = urgent.filter(
      (each) => !known.has(each.id) && (severity === undefined || each.severity === severity),
    );
    return merged(listed, others);
  }, [pages.pages, firing.data, severity]);
  const rows = useMemo(() => rowsOf(alerts, name, silences.data), [alerts, name, silences.data]);
  return {
    rows,
    read: alerts.length,
    hasMore,
    isPending: pages.isPending,
    isFetching,
    error: pages.error,
    more,
    refetch: pages.refetch,
  };
}

function rowsOf(
  alerts: readonly Alert[],
  name: string | undefined,
  silences: Parameters<typeof rowOf>[1] = [],
): Row[] {
  return alerts
    .filter((each) => isNamed(each, name ?? ""))
    .map((each) => rowOf(each, silences))
    .sort(byUrgency);
}
