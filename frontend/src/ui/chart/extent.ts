/** Where an axis of values begins and ends. */
export interface Extent {
  readonly low: number;
  readonly high: number;
}

const HEADROOM = 0.08;

/**
 * The axis for values from `least` to `most` (null: there are none) that shows the thresholds, too. Begins
 * at zero where the values are not far from it, and always under an area, whose height would lie otherwise.
 */
export function extent(
  least: number | null,
  most: number | null,
  thresholds: readonly number[],
  kind: "line" | "area",
): Extent {
  const shown = [least, most, ...thresholds].filter((value) => value !== null);
  if (shown.length === 0) {
    return { low: 0, high: 1 };
  }
  let low = Math.min(...shown);
  let high = Math.max(...shown);
  if (low >= 0 && (kind === "area" || low <= high / 2)) {
    low = 0;
  }
  if (high <= 0 && (kind === "area" || high >= low / 2)) {
    high = 0;
  }
  if (low === high) {
    const margin = low === 0 ? 1 : Math.abs(low) * 0.1;
    return { low: low === 0 ? 0 : low - margin, high: high + margin };
  }
  const margin = (high - low) * HEADROOM;
  return { low: low === 0 ? 0 : low - margin, high: high === 0 ? 0 : high + margin };
}

/** The smallest of 1, 2, 5, 10, ... times a power of ten that is not below `rough`. */
export function niceStep(rough: number): number {
  if (!(rough > 0) || !Number.isFinite(rough)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** What a value is rounded to when a line is dragged: about what one pixel of the axis stands for. */
export function dragStep(range: Extent, pixels: number): number {
  return niceStep((range.high - range.low) / Math.max(1, pixels));
}

/** One press of an arrow key; with Shift or Page Up ten of them. */
export function keyStep(range: Extent): number {
  return niceStep((range.high - range.low) / 100);
}

/** The nearest multiple of `step`, without the noise of binary fractions. */
export function roundTo(value: number, step: number): number {
  const digits = Math.min(100, Math.max(0, Math.ceil(-Math.log10(step)) + 1));
  const rounded = Number((Math.round(value / step) * step).toFixed(digits));
  return rounded === 0 ? 0 : rounded;
}
