import {
  type Content,
  freshId,
  PANEL_KINDS,
  type Panel,
  type PanelQuery,
} from "../dashboards/model";
import { queryOf } from "./asked";
import type { Row } from "./rows";
import { rowName } from "./rows";

/** A chart's period follows its width: an alert is not to follow it below this. */
const LEAST_ALERT_PERIOD = 60;

/** What the alert editor begins with; `period` is the one that is shown. */
export function alertDraft(row: Row, period: number): string {
  return JSON.stringify({
    metric: row.metric,
    statistic: row.statistic,
    period: row.period ?? Math.max(LEAST_ALERT_PERIOD, period),
    filters: row.filters,
    group_by: row.groupBy,
  });
}

/** Why no alert can be made of this row; null when one can. */
export function alertRefusal(row: Row): string | null {
  if (row.kind === "expression") {
    return "Alerts watch a metric. Create one from a query that the expression names.";
  }
  return row.metric === "" ? "Choose a metric first." : null;
}

/** What a dashboard holds at most of queries in a panel. */
export const MOST_QUERIES = 10;

/** The queries as a panel, in the first free place of the size that such panels have. */
export function panelOf(
  rows: readonly Row[],
  content: Content,
  title: string,
  kind: "line" | "area",
  place: (size: { w: number; h: number }) => { x: number; y: number },
): Panel {
  const { size } = PANEL_KINDS[kind];
  const queries = rows
    .filter((row) => (row.kind === "metric" ? row.metric !== "" : row.expression !== ""))
    .map((row) => queryOf(row) as PanelQuery);
  const id = freshId(
    "panel",
    content.panels.map((panel) => panel.id),
  );
  return { id, title, type: kind, ...place(size), ...size, queries, thresholds: [] };
}

/** What the panel is called until somebody says otherwise. */
export function titleOf(rows: readonly Row[]): string {
  const names = rows.filter((row) => !row.hidden).map(rowName);
  return names
    .filter((name) => name !== "")
    .join(" · ")
    .slice(0, 200);
}
