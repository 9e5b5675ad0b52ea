import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { QueryResult } from "~/api/query";
import type { MetricRow } from "~/api/query-catalogue";
import type { Span } from "~/ui/chart/types";
import { Time } from "~/ui/time";
import type { Row } from "./rows";

/** A metric without points in the range, and when it had its last ones. */
export interface Missed {
  readonly metric: string;
  readonly lastSeen: number;
}

/** The metrics that were asked for, answered nothing, and had their last points outside of the range. */
export function missed(
  rows: readonly Row[],
  results: readonly QueryResult[],
  known: readonly MetricRow[],
  span: Span,
): Missed[] {
  const silent = new Set(
    results.filter((result) => result.series.length === 0).map((result) => result.id),
  );
  const names = new Set(
    rows.filter((row) => row.kind === "metric" && silent.has(row.id)).map((row) => row.metric),
  );
  return known
    .filter((row) => names.has(row.name))
    .filter(({ last_seen: seen }) => seen < span.start || seen >= span.end)
    .map((row) => ({ metric: row.name, lastSeen: row.last_seen }));
}

/** A stretch as long as the one shown that ends a little after the last points. */
export function around(lastSeen: number, span: Span): Span {
  const length = span.end - span.start;
  const end = lastSeen + Math.round(length * 0.05);
  return { start: end - length, end };
}

/** Says where the points are that somebody looks for. */
export function LastSeen(props: {
  missed: readonly Missed[];
  span: Span;
  onShow: (span: Span) => void;
}) {
  return props.missed.map(({ metric, lastSeen }) => (
    <Alert
      key={metric}
      type="info"
      action={
        <Button onClick={() => props.onShow(around(lastSeen, props.span))}>Show that time</Button>
      }
    >
      {metric} has no points in this range. It was last seen <Time at={lastSeen} />.
    </Alert>
  ));
}
