/** The share of observations in a stretch of values, as dense as they lie there. */
export interface Cell {
  readonly low: number;
  readonly high: number;
  /** From 0 to 1: how densely they lie, relative to the densest cell there is. */
  readonly heat: number;
}

/** Percentiles of one bucket in ascending order of rank: [[10, 0.2], [50, 0.5], [99, 3.1]]; null: no value. */
export type Column = readonly (readonly [rank: number, value: number | null])[];

/** Denser than a thousandth of the axis is not told apart: a bucket of one value has no height. */
const THINNEST = 1 / 1_000;

/**
 * What percentiles say of the distribution: between two of them lies the difference of their ranks,
 * spread over the difference of their values.
 */
export function heatOf(columns: readonly Column[]): Cell[][] {
  const all = columns.flatMap((column) => column.flatMap(([, value]) => value ?? []));
  const span = all.reduce((a, b) => Math.max(a, b), 0) - all.reduce((a, b) => Math.min(a, b), 0);
  const thinnest = Math.max(span * THINNEST, Number.MIN_VALUE);
  const dense = columns.map((column) => cellsOf(column, thinnest));
  const most = dense.flat().reduce((found, cell) => Math.max(found, cell.density), 0);
  return dense.map((cells) =>
    cells.map(({ low, high, density }) => ({ low, high, heat: Math.sqrt(density / most) })),
  );
}

function cellsOf(column: Column, thinnest: number) {
  const known = column.filter((each): each is [number, number] => each[1] !== null);
  return known.slice(1).map(([rank, value], i) => {
    const [rankBelow, below] = known[i] as [number, number];
    const height = Math.max(value - below, thinnest);
    return { low: below, high: value, density: (rank - rankBelow) / height };
  });
}
