import type { components } from "~/api/schema";

export type DayUsage = components["schemas"]["DayUsage"];
export type MetricUsage = components["schemas"]["MetricUsage"];

/** What all days come to. */
export interface Total {
  readonly points: number;
  readonly bytes: number;
  readonly dollars: number;
  /** Dollars of a month of thirty days that goes on as the complete days did; null without any. */
  readonly monthly: number | null;
}

export function total(days: readonly DayUsage[]): Total {
  const sum = (of: (day: DayUsage) => number) => days.reduce((all, day) => all + of(day), 0);
  const complete = days.filter((day) => day.complete);
  const dollars = complete.reduce((all, day) => all + day.dollars, 0);
  return {
    points: sum((day) => day.points),
    bytes: sum((day) => day.bytes),
    dollars: sum((day) => day.dollars),
    monthly: complete.length === 0 ? null : (dollars / complete.length) * 30,
  };
}

/** A day (2026-11-22) as the epoch ms of its start in UTC. */
export function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** Dollars for people: cents where there are any, else as many digits as tell something. */
export function dollars(amount: number): string {
  if (amount === 0) {
    return "$0";
  }
  return amount >= 0.01 ? `$${amount.toFixed(2)}` : `$${amount.toPrecision(2)}`;
}
