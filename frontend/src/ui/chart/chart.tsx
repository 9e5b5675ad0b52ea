import "./chart.css";
import { useId, useMemo, useState } from "react";
import { formatValue } from "../format";
import { useMode } from "../theme";
import { align } from "./align";
import { chartCsv, fileName, save } from "./csv";
import { TimeCursor, Tooltip } from "./cursor";
import { Legend } from "./legend";
import { usePlot } from "./plot";
import type { Painter } from "./plot-options";
import { afterClick, chooseShown, MOST_SHOWN } from "./shown";
import { spoken } from "./summary";
import { ChartTable } from "./table";
import { Thresholds } from "./threshold";
import type { Band, ChartProps, ThresholdLine } from "./types";

export const CHART_HEIGHT = 280;

const NO_BANDS: readonly Band[] = [];
const NO_LINES: readonly ThresholdLine[] = [];
const NONE_HIDDEN: ReadonlySet<string> = new Set();

/**
 * Series over time: see ChartProps. `height` is the plot's; the legend and the tools come below it. The
 * same numbers can be had as a table and as CSV, and a screen reader hears a summary of them.
 */
export function Chart(props: ChartProps & { painter?: Painter | undefined }) {
  const { title, unit, range, period, painter } = props;
  const { kind = "line", height = CHART_HEIGHT, bands = NO_BANDS, lines = NO_LINES } = props;
  const mode = useMode();
  const summaryId = useId();
  const [chosen, setChosen] = useState(false);
  const asTable = props.asTable ?? chosen;
  const [unfolded, setUnfolded] = useState(false);
  const [hidden, setHidden] = useState(NONE_HIDDEN);
  const { series, folded } = useMemo(
    () => chooseShown(props.series, unfolded ? Number.POSITIVE_INFINITY : undefined),
    [props.series, unfolded],
  );
  const aligned = useMemo(() => align(series, period), [series, period]);
  const plot = usePlot(
    {
      series,
      times: aligned.times,
      columns: aligned.columns,
      range,
      kind,
      unit,
      thresholds: lines.map((line) => line.value),
      bands,
      hidden,
      mode,
      syncKey: props.syncKey,
      onZoom: props.onZoom,
      painter,
    },
    height,
  );
  const summary = useMemo(
    () => spoken(series, aligned.columns, (value) => formatValue(value, unit)),
    [series, aligned, unit],
  );
  const told = [
    summary,
    ...lines.map((line) => `${line.label} at ${formatValue(line.value, unit)}.`),
  ];
  const visible = useMemo(() => series.filter((each) => !hidden.has(each.id)), [series, hidden]);
  const shownColumns = useMemo(
    () => ({
      times: aligned.times,
      columns: aligned.columns.filter((_, i) => !hidden.has(series[i]?.id ?? "")),
    }),
    [aligned, hidden, series],
  );
  const shown = { series: visible, aligned: shownColumns, bands, unit, mode, plot };
  const isEmpty = aligned.times.length === 0;
  const ids = series.map((each) => each.id);
  return (
    <figure className={props.stale ? "chart chart-stale" : "chart"} aria-label={title}>
      {asTable && (
        <ChartTable
          title={title}
          series={visible}
          aligned={shownColumns}
          unit={unit}
          height={height}
        />
      )}
      <div className="chart-plot" style={{ height }} hidden={asTable}>
        <div
          ref={plot.host}
          role="img"
          aria-label={title}
          aria-describedby={summaryId}
          style={{ height }}
        />
        {isEmpty && <p className="chart-empty">No data in this range.</p>}
        <Thresholds lines={lines} plot={plot} unit={unit} />
        <TimeCursor {...shown} title={title} period={period} onZoom={props.onZoom} />
        <Tooltip {...shown} />
      </div>
      <p id={summaryId} className="chart-summary">
        {told.join(" ")}
      </p>
      {props.legend !== false && (
        <Legend
          series={series}
          hidden={hidden}
          mode={mode}
          unit={unit}
          onClick={(id, toggle) => setHidden(afterClick(hidden, ids, id, toggle))}
        />
      )}
      {props.series.length > MOST_SHOWN && (
        <p className="chart-folded">
          {folded > 0
            ? `The ${series.length} largest of ${props.series.length} series are drawn.`
            : `All ${props.series.length} series are drawn.`}
          <button type="button" onClick={() => setUnfolded(!unfolded)}>
            {folded > 0 ? "Draw all" : "Draw the largest"}
          </button>
        </p>
      )}
      {props.tools !== false && (
        <div className="chart-tools">
          <button
            type="button"
            aria-pressed={asTable}
            onClick={() => (props.onAsTable ?? setChosen)(!asTable)}
          >
            {asTable ? "Show as chart" : "Show as table"}
          </button>
          <button
            type="button"
            disabled={isEmpty}
            onClick={() =>
              save(fileName(title), chartCsv(props.series, align(props.series, period)))
            }
          >
            Download CSV
          </button>
        </div>
      )}
    </figure>
  );
}
