import type uPlot from "uplot";
import { formatValue, plain } from "../format";
import type { Mode } from "../theme";
import { type Extent, extent } from "./extent";
import { frame, lineColour, lineDash, toneColour, withOpacity } from "./palette";
import { type TickFormats, tickFormats, timeTicks } from "./ticks";
import type { Band, ChartSeries, Span } from "./types";

/** Draws something of its own under the lines: a heat map's cells. */
export type Painter = (plot: uPlot) => void;

/** What a plot shows. All but `shape` may change without the plot being made anew. */
export interface PlotModel {
  readonly series: readonly ChartSeries[];
  readonly times: readonly number[];
  readonly columns: readonly (readonly (number | null | undefined)[])[];
  readonly range: Span;
  readonly kind: "line" | "area";
  readonly unit: string | undefined;
  readonly thresholds: readonly number[];
  readonly bands: readonly Band[];
  readonly hidden: ReadonlySet<string>;
  readonly mode: Mode;
  readonly syncKey: string | undefined;
  readonly onZoom: ((range: Span) => void) | undefined;
  readonly painter: Painter | undefined;
}

/** What makes a plot another one; the rest is data. */
export function shape(model: PlotModel): string {
  return JSON.stringify([
    model.series.map((each) => [each.id, each.faint === true, each.slot]),
    model.kind,
    model.mode,
    model.syncKey,
    model.onZoom !== undefined,
    model.painter !== undefined,
  ]);
}

const FAINT = 0.55;
const AREA = 0.16;
const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
/** A drag of fewer pixels is a click. */
const LEAST_DRAG = 6;
const formats: { made?: TickFormats } = {};

/** Values at an axis; where rounding makes two of them equal, with more digits. */
export function valueTicks(values: readonly number[], unit: string | undefined): string[] {
  const short = values.map((value) => formatValue(value, unit));
  return new Set(short).size === short.length ? short : values.map((value) => plain(value, 7));
}

/** The points that no line reaches, because there is a gap on both sides. */
export function isolated(column: readonly (number | null | undefined)[]): number[] {
  const found: number[] = [];
  let before: number | null | undefined = null;
  let candidate = -1;
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (value === undefined) {
      continue;
    }
    if (value === null) {
      if (candidate >= 0) {
        found.push(candidate);
      }
      candidate = -1;
    } else {
      candidate = before === null ? i : -1;
    }
    before = value;
  }
  if (candidate >= 0) {
    found.push(candidate);
  }
  return found;
}

function seriesOptions(model: PlotModel, each: ChartSeries, place: number): uPlot.Series {
  const slot = each.slot ?? place;
  const colour = lineColour(slot, model.mode);
  const faint = each.faint === true;
  const dash = faint ? [4, 4] : [...lineDash(slot)];
  return {
    label: each.label,
    show: !model.hidden.has(each.id),
    stroke: faint ? withOpacity(colour, FAINT) : colour,
    width: model.painter === undefined ? (faint ? 1.25 : 1.75) : 0,
    ...(dash.length > 0 ? { dash } : {}),
    ...(model.kind === "area" && !faint ? { fill: withOpacity(colour, AREA) } : {}),
    points: {
      show: false,
      size: 5,
      fill: colour,
      filter: (plot, at) =>
        model.painter === undefined ? isolated(plot.data[at] as number[]) : null,
    },
  };
}

function drawBands(plot: uPlot, bands: readonly Band[], mode: Mode): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const band of bands) {
    const from = plot.valToPos(band.start, "x", true);
    const width = Math.max(2, plot.valToPos(band.end, "x", true) - from);
    const colour = toneColour(band.tone, mode);
    ctx.fillStyle = withOpacity(colour, 0.14);
    ctx.fillRect(from, bbox.top, width, bbox.height);
    ctx.fillStyle = colour;
    ctx.fillRect(from, bbox.top, width, 3);
  }
  ctx.restore();
}

/** What a plot tells those around it. */
export interface PlotEvents {
  /** It was drawn: where its area is and what its axis shows may have changed. */
  readonly drawn: (plot: uPlot) => void;
  readonly moved: (plot: uPlot) => void;
}

/** uPlot's options; `model()` is what is shown at the moment, `frozen()` the axis while a line is dragged. */
export function plotOptions(
  model: () => PlotModel,
  frozen: () => Extent | null,
  events: PlotEvents,
  size: { width: number; height: number },
): uPlot.Options {
  const first = model();
  const colours = frame(first.mode);
  formats.made ??= tickFormats("en-GB");
  const ticks = formats.made;
  const axis: uPlot.Axis = {
    stroke: colours.text,
    font: FONT,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1, size: 4 },
  };
  return {
    ...size,
    ms: 1,
    legend: { show: false },
    padding: [8, 20, 0, 0],
    scales: {
      x: { time: true, range: () => [model().range.start, model().range.end] },
      y: {
        range: (_plot, least, most) => {
          const held = frozen();
          const { thresholds, kind } = model();
          const { low, high } = held ?? extent(least, most, thresholds, kind);
          return [low, high];
        },
      },
    },
    axes: [
      {
        ...axis,
        size: 40,
        space: 76,
        values: (_plot, splits, _axis, _space, increment) => timeTicks(splits, increment, ticks),
      },
      {
        ...axis,
        size: 64,
        space: 32,
        values: (_plot, splits) => valueTicks(splits, model().unit),
      },
    ],
    series: [{}, ...first.series.map((each, place) => seriesOptions(first, each, place))],
    cursor: {
      y: false,
      drag: { x: first.onZoom !== undefined, y: false, setScale: false, dist: LEAST_DRAG },
      focus: { prox: -1 },
      points: { size: 7 },
      bind: { dblclick: () => () => null },
      ...(first.syncKey === undefined
        ? {}
        : {
            sync: {
              key: first.syncKey,
              setSeries: false,
              scales: ["x", null],
              // A brush belongs to one chart: what it zooms is for the page to say.
              filters: { pub: (type: string) => type === "mousemove" || type === "mouseleave" },
            },
          }),
    },
    hooks: {
      drawClear: [
        (plot) => {
          drawBands(plot, model().bands, model().mode);
          model().painter?.(plot);
        },
      ],
      draw: [events.drawn],
      setCursor: [events.moved],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width >= LEAST_DRAG) {
            const start = Math.round(plot.posToVal(left, "x"));
            const end = Math.round(plot.posToVal(left + width, "x"));
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            model().onZoom?.({ start, end });
          }
        },
      ],
    },
  };
}
