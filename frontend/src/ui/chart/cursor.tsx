import { type KeyboardEvent, useRef } from "react";
import { formatValue } from "../format";
import type { Mode } from "../theme";
import { absolute, utc } from "../time-format";
import type { Aligned } from "./align";
import { lineColour, lineDash } from "./palette";
import type { PlotHandle } from "./plot";
import { useSignal } from "./signal";
import type { Band, ChartSeries, Span } from "./types";

const MOST_ROWS = 12;

/** What is to be told at one moment: the visible lines' values, the largest first. */
export function rowsAt(
  series: readonly ChartSeries[],
  aligned: Aligned,
  index: number,
): { series: ChartSeries; place: number; value: number }[] {
  return series
    .map((each, place) => ({ series: each, place, value: valueNear(aligned, place, index) }))
    .filter(
      (row): row is { series: ChartSeries; place: number; value: number } => row.value !== null,
    )
    .sort((a, b) => b.value - a.value);
}

/** The value at the index; where only other series have a point there, that of the bucket that it lies in. */
function valueNear(aligned: Aligned, place: number, index: number): number | null {
  const column = aligned.columns[place] ?? [];
  for (let i = index; i >= 0; i--) {
    const value = column[i];
    if (value !== undefined) {
      return value;
    }
  }
  return null;
}

interface Shown {
  readonly series: readonly ChartSeries[];
  readonly aligned: Aligned;
  readonly bands: readonly Band[];
  readonly unit: string | undefined;
  readonly mode: Mode;
  readonly plot: PlotHandle;
}

/** Beside the cursor: the time, in UTC too, and the values. For eyes alone: the slider says it to readers. */
export function Tooltip(props: Shown) {
  const { series, aligned, bands, unit, mode, plot } = props;
  const cursor = useSignal(plot.cursor);
  const area = useSignal(plot.area);
  const time = cursor.index === null ? undefined : aligned.times[cursor.index];
  if (cursor.index === null || area === null || time === undefined) {
    return null;
  }
  const rows = rowsAt(series, aligned, cursor.index);
  const within = bands.filter((band) => band.start <= time && time < band.end);
  const onRight = cursor.left > area.width / 2;
  const place = onRight
    ? { right: `calc(100% - ${area.left + cursor.left - 12}px)` }
    : { left: area.left + cursor.left + 12 };
  return (
    <div className="chart-tooltip" style={{ ...place, top: area.top + 4 }} aria-hidden="true">
      <div className="chart-tooltip-time">
        {absolute(time)}
        <small>{utc(time)}</small>
      </div>
      {rows.slice(0, MOST_ROWS).map((row) => (
        <div key={row.series.id} className="chart-tooltip-row">
          <Swatch series={row.series} place={row.place} mode={mode} />
          <span className="chart-name">{row.series.label}</span>
          <b>{formatValue(row.value, row.series.unit ?? unit)}</b>
        </div>
      ))}
      {rows.length > MOST_ROWS && <div>and {rows.length - MOST_ROWS} more</div>}
      {rows.length === 0 && <div>No value</div>}
      {within.map((band) => (
        <div key={`${band.start} ${band.label}`}>{band.label}</div>
      ))}
    </div>
  );
}

/** A line as it is drawn, beside its name. */
export function Swatch(props: { series: ChartSeries; place: number; mode: Mode }) {
  const { series, place, mode } = props;
  const slot = series.slot ?? place;
  const dash = series.faint ? [3, 2] : lineDash(slot);
  return (
    <svg className="chart-swatch" width="20" height="10" aria-hidden="true">
      <line
        x1="0"
        y1="5"
        x2="20"
        y2="5"
        stroke={lineColour(slot, mode)}
        strokeWidth={series.faint ? 2 : 4}
        strokeDasharray={dash.length > 0 ? dash.join(" ") : undefined}
      />
    </svg>
  );
}

/** Where the keys move the cursor to among `count` moments; null for keys that do not move it. */
export function cursorAfter(key: string, at: number, count: number): number | null {
  const last = count - 1;
  const page = Math.max(1, Math.round(count / 10));
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    PageUp: at + page,
    PageDown: at - page,
    Home: 0,
    End: last,
  };
  const next = steps[key];
  return next === undefined || count === 0 ? null : Math.min(last, Math.max(0, next));
}

/**
 * The cursor by keyboard: a slider over time whose text tells the values. With Shift it marks a stretch,
 * and Enter zooms into it.
 */
export function TimeCursor(
  props: Shown & { title: string; period: number; onZoom: ((range: Span) => void) | undefined },
) {
  const { series, aligned, bands, unit, plot, onZoom } = props;
  const cursor = useSignal(plot.cursor);
  const area = useSignal(plot.area);
  const anchor = useRef<number | null>(null);
  const count = aligned.times.length;
  const index = cursor.index ?? count - 1;
  const time = aligned.times[index];
  const release = () => {
    anchor.current = null;
    plot.mark(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && anchor.current !== null && anchor.current !== index) {
      const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
      const [start, end] = [aligned.times[from], aligned.times[to]];
      release();
      if (start !== undefined && end !== undefined) {
        onZoom?.({ start, end: end + props.period * 1000 });
      }
      return;
    }
    if (event.key === "Escape") {
      release();
      plot.point(-1);
      return;
    }
    const next = cursorAfter(event.key, index, count);
    if (next === null) {
      return;
    }
    event.preventDefault();
    if (event.shiftKey && onZoom !== undefined) {
      anchor.current ??= index;
      plot.mark([anchor.current, next]);
    } else if (anchor.current !== null) {
      release();
    }
    plot.point(next);
  };
  if (time === undefined || area === null) {
    return null;
  }
  const told = rowsAt(series, aligned, index)
    .slice(0, 3)
    .map((row) => `${row.series.label} ${formatValue(row.value, row.series.unit ?? unit)}`);
  const within = bands.filter((band) => band.start <= time && time < band.end);
  const text = [
    absolute(time),
    ...(told.length > 0 ? told : ["no value"]),
    ...within.map((b) => b.label),
  ];
  return (
    <div
      className="chart-time-cursor"
      style={{ left: area.left, top: area.top + area.height, width: area.width }}
      role="slider"
      tabIndex={0}
      aria-label={`Moment in ${props.title}`}
      aria-valuemin={0}
      aria-valuemax={count - 1}
      aria-valuenow={index}
      aria-valuetext={text.join(", ")}
      onKeyDown={onKeyDown}
      onFocus={() => plot.point(index)}
      onBlur={() => {
        release();
        plot.point(-1);
      }}
    />
  );
}
