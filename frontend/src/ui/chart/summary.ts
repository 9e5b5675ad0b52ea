import { gapsOf } from "./align";
import type { ChartSeries } from "./types";

/** What is to be said of one line. Null where it has no value. */
export interface Summary {
  readonly least: number | null;
  readonly most: number | null;
  readonly mean: number | null;
  readonly last: number | null;
}

export function summarise(values: readonly (number | null | undefined)[]): Summary {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  let last: number | null = null;
  for (const value of values) {
    if (value !== null && value !== undefined) {
      least = Math.min(least, value);
      most = Math.max(most, value);
      sum += value;
      count += 1;
      last = value;
    }
  }
  return count === 0
    ? { least: null, most: null, mean: null, last: null }
    : { least, most, mean: sum / count, last };
}

const MOST_SPOKEN = 3;

/** What a screen reader says of a chart instead of its picture. `text` formats a value with its unit. */
export function spoken(
  series: readonly ChartSeries[],
  columns: readonly (readonly (number | null | undefined)[])[],
  text: (value: number) => string,
): string {
  const found = series
    .map((each, i) => ({ label: each.label, ...summarise(columns[i] ?? []), column: columns[i] }))
    .filter((each) => each.last !== null);
  if (found.length === 0) {
    return "No data in this range.";
  }
  const gaps = found.reduce((sum, each) => sum + gapsOf(each.column ?? []), 0);
  const parts = found
    .slice(0, MOST_SPOKEN)
    .map(
      (each) =>
        `${each.label}: least ${text(each.least as number)}, most ${text(each.most as number)}, ` +
        `last ${text(each.last as number)}.`,
    );
  const rest = found.length - parts.length;
  return [
    `${found.length} series, ${gaps === 0 ? "no gaps" : gaps === 1 ? "1 gap" : `${gaps} gaps`}.`,
    ...parts,
    rest > 0 ? `And ${rest} more: see the table.` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}
