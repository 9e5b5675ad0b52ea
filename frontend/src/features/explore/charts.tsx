import Alert from "@cloudscape-design/components/alert";
import { useMemo } from "react";
import type { QueryResult } from "~/api/query";
import type { Answered } from "~/api/query-hooks";
import { chartSeries, commonUnit, finestPeriod, inColoursOf } from "~/api/query-series";
import { Chart } from "~/ui/chart/chart";
import type { ChartSeries, Span } from "~/ui/chart/types";
import { type Row, rowName } from "./rows";

export const WEEK_MS = 7 * 86_400_000;
const HEIGHT = { one: 360, several: 220 };

interface ChartsProps {
  readonly rows: readonly Row[];
  readonly answered: Answered;
  /** What was a week before; undefined while it is not compared, or not known yet. */
  readonly before: Answered | undefined;
  readonly isOld: boolean;
  readonly split: boolean;
  readonly kind: "line" | "area";
  readonly asTable: boolean;
  readonly onAsTable: (asTable: boolean) => void;
  readonly onZoom: (span: Span) => void;
}

/** What the queries answered: one chart with all, or one for each query, with cursors that go together. */
export function Charts(props: ChartsProps) {
  const { rows, answered, before, split } = props;
  const parts = useMemo(
    () => (split ? answered.answer.results.map((result) => [result]) : [answered.answer.results]),
    [answered, split],
  );
  return (
    <>
      {parts.map((results) => (
        <Part
          {...props}
          key={split ? results[0]?.id : "all"}
          results={results}
          earlier={before?.answer.results.filter(({ id }) =>
            results.some((each) => each.id === id),
          )}
          height={parts.length > 1 ? HEIGHT.several : HEIGHT.one}
          title={titleOf(rows, results)}
        />
      ))}
    </>
  );
}

function titleOf(rows: readonly Row[], results: readonly QueryResult[]): string {
  const names = results.map((result) => nameOf(rows, result.id));
  return names.length <= 2 ? names.join(" and ") : `${names.length} queries`;
}

function nameOf(rows: readonly Row[], id: string): string {
  const row = rows.find((each) => each.id === id);
  return row === undefined ? id : rowName(row);
}

function Part(
  props: ChartsProps & {
    results: readonly QueryResult[];
    earlier: readonly QueryResult[] | undefined;
    height: number;
    title: string;
  },
) {
  const { rows, results, earlier, answered } = props;
  const series = useMemo((): readonly ChartSeries[] => {
    const chosen = new Set(rows.filter((row) => row.period !== null).map((row) => row.id));
    const naming = {
      nameOf: (id: string) => nameOf(rows, id),
      // Expressions have the period of what they name.
      isExact: (id: string) =>
        rows.find((row) => row.id === id)?.kind === "metric" ? chosen.has(id) : chosen.size > 0,
    };
    const present = chartSeries(results, naming);
    if (earlier === undefined) {
      return present;
    }
    const moved = chartSeries(earlier, { ...naming, shift: WEEK_MS, suffix: "a week before" });
    return [...present, ...inColoursOf(moved, present)];
  }, [rows, results, earlier]);
  const unit = commonUnit(series);
  const mixed = unit === undefined && series.some((each) => each.unit !== undefined);
  return (
    <>
      {mixed && (
        <Alert type="info">
          These lines have different units, but one axis. Choose "One chart per query" to tell their
          sizes apart.
        </Alert>
      )}
      <Chart
        title={props.title}
        series={series}
        range={answered.span}
        period={finestPeriod(results)}
        unit={unit}
        kind={props.kind}
        height={props.height}
        syncKey="explore"
        stale={props.isOld}
        asTable={props.asTable}
        onAsTable={props.onAsTable}
        onZoom={props.onZoom}
      />
    </>
  );
}
