/** One line of a chart. Timestamps are bucket starts in epoch ms, ascending; null is a gap. */
export interface ChartSeries {
  readonly id: string;
  readonly label: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly timestamps: readonly number[];
  readonly values: readonly (number | null)[];
  /** Drawn dashed and pale: the same time last week, a forecast. */
  readonly faint?: boolean;
  /** Which colour of the palette; without it that of its place in the list. */
  readonly slot?: number;
  /** Seconds of its buckets where they differ from the chart's. */
  readonly period?: number;
  /** Its unit where it differs from the chart's. */
  readonly unit?: string | undefined;
}

/** A half-open range of time, in epoch ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Colours by meaning; the theme says which they are in light and dark. */
export type Tone = "critical" | "high" | "medium" | "low" | "info" | "ok" | "unknown" | "accent";

/** A shaded stretch of time: where an alert would have fired, when a silence held. */
export interface Band extends Span {
  readonly tone: Tone;
  readonly label: string;
}

/** A horizontal line: a threshold. With `onMove` it can be dragged, and moved with the arrow keys. */
export interface ThresholdLine {
  readonly id: string;
  readonly value: number;
  readonly label: string;
  readonly tone: Tone;
  /** Called while it moves (rounded to what the axis can show) ... */
  readonly onMove?: (value: number) => void;
  /** ... and once when it is let go. */
  readonly onMoved?: (value: number) => void;
}

export interface ChartProps {
  /** What a screen reader says first: "CPU utilization by host". */
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly range: Span;
  /** Seconds of a bucket: decides what counts as a gap. */
  readonly period: number;
  readonly unit?: string | undefined;
  readonly kind?: "line" | "area";
  readonly height?: number;
  readonly bands?: readonly Band[];
  readonly lines?: readonly ThresholdLine[];
  /** Charts with the same key share the cursor. */
  readonly syncKey?: string;
  /** Dragging over a stretch of time, or Shift with arrows and Enter, asks to zoom into it. */
  readonly onZoom?: (range: Span) => void;
  /** Below the plot: names, colours and last values; a click shows one alone. Default true. */
  readonly legend?: boolean;
  /** Below the plot: "Show as table" and "CSV". Default true. */
  readonly tools?: boolean;
  /** The numbers instead of the picture; without it the chart itself keeps what was chosen. */
  readonly asTable?: boolean;
  readonly onAsTable?: (asTable: boolean) => void;
  /** What is shown is older than what was asked for: it is drawn pale. */
  readonly stale?: boolean;
}
