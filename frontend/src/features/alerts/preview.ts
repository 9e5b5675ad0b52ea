import type { Band, ChartSeries, Span } from "~/ui/chart/types";
import { alarmBands, type Move } from "./bands";
import { replay } from "./evaluation/replay";
import type { Rules } from "./evaluation/rules";
import type { AlertDraft, Severity } from "./model";
import { tagsText } from "./model";
import { closedValues, type Watched } from "./series";

/** A drag is followed for so many series at most; the server's backtest counts all. */
const MOST_SERIES = 30;

/** How grave an alarm at a level is: 0 is the alert's own. */
function severityAt(draft: AlertDraft, level: number): Severity {
  const own = draft.severity ?? "medium";
  return level === 0 ? own : (draft.levels?.[level - 1]?.severity ?? own);
}

/** What one line would have done, by the browser's evaluator. */
function moves(draft: AlertDraft, rules: Rules, series: ChartSeries, now: number): Move[] {
  const { start, values } = closedValues(series, rules.period, now);
  return replay(rules, start, values).map((each) => ({
    at: each.at,
    key: series.id,
    name: tagsText(series.tags),
    to: each.to,
    severity: each.to === "ALARM" ? severityAt(draft, each.level) : null,
  }));
}

/** Where the alert would have fired, while a line is dragged; null where only the server can tell. */
export function previewBands(
  draft: AlertDraft,
  rules: Rules | null,
  watched: Watched | undefined,
  span: Span,
  now: number,
): Band[] | null {
  if (rules === null || watched === undefined || !watched.exact) {
    return null;
  }
  if (watched.series.length > MOST_SERIES || watched.period !== rules.period) {
    return null;
  }
  const all = watched.series.flatMap((each) => moves(draft, rules, each, now));
  return alarmBands(
    all.sort((a, b) => a.at - b.at),
    span,
  );
}
