import { summarise } from "./summary";
import type { ChartSeries } from "./types";

/** More lines than these are not told apart by anyone: the others are folded. */
export const MOST_SHOWN = 24;

export interface Shown {
  readonly series: readonly ChartSeries[];
  /** How many are not drawn. */
  readonly folded: number;
}

/** The series to draw: those with the largest averages (by amount), in the order in which they came. */
export function chooseShown(series: readonly ChartSeries[], most: number = MOST_SHOWN): Shown {
  const slotted = series.map((each, i) => ({ ...each, slot: each.slot ?? i }));
  if (series.length <= most) {
    return { series: slotted, folded: 0 };
  }
  const ranked = slotted
    .map((each) => ({ each, size: sizeOf(each) }))
    .sort((a, b) => b.size - a.size)
    .slice(0, most);
  const chosen = new Set(ranked.map(({ each }) => each.id));
  const kept = slotted.filter((each) => chosen.has(each.id));
  return {
    series: kept.map((each, slot) => ({ ...each, slot })),
    folded: series.length - kept.length,
  };
}

/** Its average by amount; below any number where it has none. */
function sizeOf(series: ChartSeries): number {
  const { mean } = summarise(series.values);
  return mean === null ? -1 : Math.abs(mean);
}

/** Which lines are hidden, by id, after a click in the legend: one alone, or all again; with Ctrl that one only. */
export function afterClick(
  hidden: ReadonlySet<string>,
  ids: readonly string[],
  clicked: string,
  toggle: boolean,
): ReadonlySet<string> {
  if (toggle) {
    const next = new Set(hidden);
    if (!next.delete(clicked)) {
      next.add(clicked);
    }
    return next.size === ids.length ? new Set() : next;
  }
  const visible = ids.filter((id) => !hidden.has(id));
  return visible.length === 1 && visible[0] === clicked
    ? new Set()
    : new Set(ids.filter((id) => id !== clicked));
}
