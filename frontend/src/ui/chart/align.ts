import type { ChartSeries } from "./types";

/** Columns on one time axis. `null` is a gap; `undefined` says that another series has a point here, this one none. */
export interface Aligned {
  readonly times: readonly number[];
  readonly columns: readonly (readonly (number | null | undefined)[])[];
}

/** Buckets of hours and days follow local clocks: an hour more between two of them is no gap. */
const GAP_FACTOR = 1.6;

interface Points {
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** The series with a null after each point whose next bucket is missing, so that no line leaps over it. */
export function withGaps(points: Points, period: number): Points {
  const { times, values } = points;
  const longest = period * 1000 * GAP_FACTOR;
  let missing = 0;
  for (let i = 1; i < times.length; i++) {
    missing += (times[i] as number) - (times[i - 1] as number) > longest ? 1 : 0;
  }
  if (missing === 0 || period <= 0) {
    return points;
  }
  const filledTimes: number[] = [];
  const filledValues: (number | null)[] = [];
  times.forEach((time, i) => {
    const before = times[i - 1];
    if (before !== undefined && time - before > longest) {
      filledTimes.push(before + period * 1000);
      filledValues.push(null);
    }
    filledTimes.push(time);
    filledValues.push(values[i] ?? null);
  });
  return { times: filledTimes, values: filledValues };
}

function same(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) {
    return true;
  }
  if (a.length !== b.length || a[0] !== b[0] || a[a.length - 1] !== b[b.length - 1]) {
    return false;
  }
  return a.every((time, i) => time === b[i]);
}

/** Puts all series on one time axis, gaps kept. `period` is the chart's, where a series has none of its own. */
export function align(series: readonly ChartSeries[], period: number): Aligned {
  const all = series.map((each) =>
    withGaps({ times: each.timestamps, values: each.values }, each.period ?? period),
  );
  const first = all[0];
  if (first === undefined) {
    return { times: [], columns: [] };
  }
  if (all.every((each) => same(each.times, first.times))) {
    return { times: first.times, columns: all.map((each) => each.values) };
  }
  const times = [...new Set(all.flatMap((each) => each.times))].sort((a, b) => a - b);
  const place = new Map(times.map((time, i) => [time, i]));
  const columns = all.map((each) => {
    const column: (number | null | undefined)[] = new Array(times.length).fill(undefined);
    each.times.forEach((time, i) => {
      column[place.get(time) as number] = each.values[i] ?? null;
    });
    return column;
  });
  return { times, columns };
}

/** How many stretches without values lie between the first and the last value. */
export function gapsOf(column: readonly (number | null | undefined)[]): number {
  let gaps = 0;
  let seen = false;
  let open = false;
  for (const value of column) {
    if (value === null) {
      open = seen;
    } else if (value !== undefined) {
      gaps += open ? 1 : 0;
      open = false;
      seen = true;
    }
  }
  return gaps;
}
