/** Fewer points than these tell no interval. */
const LEAST_POINTS = 5;

export interface Steady {
  readonly timestamps: readonly number[];
  readonly values: readonly (number | null)[];
  /** Seconds between two points as a rule: what is farther apart is a gap. */
  readonly period: number;
}

/**
 * A series that comes less often than buckets are long has a gap after every point, though nothing is
 * missing. This leaves out buckets without points and tells the interval in which they do come (the
 * median), so that only what is longer than it is a gap. For periods that nobody chose; where somebody
 * did, an empty bucket means what it says.
 */
export function steady(
  timestamps: readonly number[],
  values: readonly (number | null)[],
  period: number,
): Steady {
  const kept: number[] = [];
  values.forEach((value, i) => {
    if (value !== null) {
      kept.push(i);
    }
  });
  const distances = kept
    .slice(1)
    .map((at, i) => (timestamps[at] as number) - (timestamps[kept[i] as number] as number))
    .sort((a, b) => a - b);
  const median = (distances[Math.floor(distances.length / 2)] ?? 0) / 1000;
  if (kept.length < LEAST_POINTS || median <= period) {
    return { timestamps, values, period };
  }
  return {
    timestamps: kept.map((at) => timestamps[at] as number),
    values: kept.map((at) => values[at] as number),
    period: median,
  };
}
