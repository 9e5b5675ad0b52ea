import type { Span } from "~/ui/chart/types";
import { ApiProblem } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Operator = Schemas["Operator"];
export type Fill = Schemas["Fill"];
export type QueryAnswer = Schemas["QueryAnswer"];
export type QueryResult = Schemas["QueryResult"];
export type Line = Schemas["Line"];

/** A condition on a tag. `in` has a list, `exists` true or false, the others a text. */
export interface Filter {
  readonly tag: string;
  readonly op: Operator;
  readonly value: string | readonly string[] | boolean;
}

/** One query of POST /api/metrics/query; what is left out is as the API has it (docs/query-language.md). */
export interface MetricQuery {
  readonly id: string;
  readonly metric?: string;
  readonly expression?: string;
  readonly statistic?: string;
  /** Seconds; without it the smallest that the chart's width has room for. */
  readonly period?: number;
  readonly filters?: readonly Filter[];
  readonly group_by?: readonly string[];
  readonly fill?: Fill;
  readonly unit?: string;
  readonly hidden?: boolean;
}

/** The limits of an answer (backend/skafu/metrics/query/limits.py). */
export const LIMITS = { points: 100_800, series: 500, queries: 100 } as const;

/** More than this many points for each pixel of the width cannot be seen. */
const POINTS_PER_PIXEL = 2;
/** Widths are rounded down to this, so that a window that is being resized asks no new question at every pixel. */
const WIDTH_STEP = 80;

/** How many buckets a chart so many CSS pixels wide asks for. */
export function maxPoints(width: number): number {
  const steps = Math.floor(width / WIDTH_STEP) * WIDTH_STEP;
  return Math.max(2, POINTS_PER_PIXEL * (steps > 0 ? steps : Math.floor(width)));
}

/** The request's body. The generated type asks for every field that has a default; the API does not. */
export function requestBody(
  queries: readonly MetricQuery[],
  span: Span,
  points: number,
): Schemas["QueryRequest"] {
  const asked = { start: span.start, end: span.end, max_points: points, queries };
  return asked as unknown as Schemas["QueryRequest"];
}

/** The periods that the API chooses from, in seconds (backend/skafu/metrics/query/periods.py). */
const PERIODS = [
  1, 5, 10, 15, 30, 60, 300, 600, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800,
] as const;

/** How many buckets a span meets when it is asked for with so many at most: the API rounds periods up. */
export function bucketsOf(span: Span, points: number): number {
  const met = (period: number) =>
    Math.floor((span.end - 1) / 1000 / period) - Math.floor(span.start / 1000 / period) + 1;
  const period = PERIODS.find((each) => met(each) <= points);
  return period === undefined ? points : met(period);
}

/**
 * With how many buckets to ask again where an answer would have been too large; null where fewer buckets
 * do not help. Many series leave room for few buckets each, and how many there are is known only then.
 */
export function fewerPoints(error: unknown, points: number, span: Span): number | null {
  const isRefused = error instanceof ApiProblem && error.status === 422;
  const reason = isRefused ? error.of("queries") : undefined;
  const would = /would have ([\d,]+)/.exec(reason ?? "")?.[1];
  if (reason === undefined || would === undefined || !reason.includes(" points; ") || points <= 2) {
    return null;
  }
  const series = Number(would.replaceAll(",", "")) / bucketsOf(span, points);
  return Math.max(2, Math.min(points - 1, Math.floor(LIMITS.points / series)));
}

/** A span so many ms earlier. */
export function earlier(span: Span, shift: number): Span {
  return { start: span.start - shift, end: span.end - shift };
}

/** Tags as people read them: "host=a, zone=b"; "" for none. */
export function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
