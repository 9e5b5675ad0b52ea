import type { PackedRow, Search } from "~/features/explore/search";
import type { TimeRange } from "~/ui/time-range";
import type { PanelQuery } from "./model";

/** The address at which Explore shows the same queries over the same time. */
export function exploreSearch(queries: readonly PanelQuery[], range: TimeRange): Search {
  return { ...range, q: queries.map(packed) };
}

function packed(query: PanelQuery): PackedRow {
  const { expression, metric, statistic, filters = [], group_by = [], period, fill } = query;
  return {
    i: query.id,
    ...(expression === undefined ? {} : { e: expression }),
    ...(metric === undefined ? {} : { m: metric }),
    ...(statistic === undefined ? {} : { s: statistic }),
    ...(filters.length === 0 ? {} : { f: filters.map((f) => [f.tag, f.op, f.value] as const) }),
    ...(group_by.length === 0 ? {} : { g: group_by }),
    ...(period === undefined ? {} : { p: period }),
    ...(fill === undefined || fill === "null" ? {} : { l: fill }),
    ...(query.hidden ? { h: 1 as const } : {}),
  };
}
