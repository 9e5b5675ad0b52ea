import type { Transform } from "../model";

/** What is compared in place of a bucket's own value, as the backend's transforms.py reckons it. */

type Value = number | null;

/** With fewer values there is no line. */
const LEAST_VALUES = 3;

function finite(value: number): Value {
  return Number.isFinite(value) ? value : null;
}

/** From the value before to this one: the difference, in percent of the earlier one's size, or per second. */
export function change(transform: Transform, offset: number, value: Value, before: Value): Value {
  if (value === null || before === null) {
    return null;
  }
  const difference = value - before;
  if (transform.type === "change_rate") {
    return finite(difference / offset);
  }
  if (transform.type === "change_percent") {
    return before === 0 ? null : finite(100 * (difference / Math.abs(before)));
  }
  return finite(difference);
}

/** Where the least-squares line through the values, newest last, will be `ahead` buckets later. */
export function forecast(values: readonly Value[], ahead: number): Value {
  const known = values.flatMap((value, place) => (value === null ? [] : [{ place, value }]));
  if (known.length < Math.max(LEAST_VALUES, values.length / 2)) {
    return null;
  }
  const middle = sum(known.map((each) => each.place)) / known.length;
  const level = sum(known.map((each) => each.value)) / known.length;
  const slope = sum(known.map((each) => (each.place - middle) * (each.value - level)));
  const spread = sum(known.map((each) => (each.place - middle) ** 2));
  return finite(level + (slope / spread) * (values.length - 1 + ahead - middle));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** How many buckets before the first one shown are needed; null: only the server can reckon it. */
export function bucketsBefore(
  transform: Transform | null | undefined,
  period: number,
): number | null {
  if (transform == null) {
    return 0;
  }
  switch (transform.type) {
    case "deviation":
      return null;
    case "forecast":
      return Math.max(0, Math.floor((transform.lookback ?? 0) / period) - 1);
    default:
      return Math.floor((transform.offset ?? period) / period);
  }
}

/** The compared values of a row of buckets, of which the first `before` only serve the others. */
export function transformed(
  transform: Transform | null | undefined,
  period: number,
  values: readonly Value[],
  before: number,
): Value[] {
  const shown = values.slice(before);
  if (transform == null) {
    return shown;
  }
  if (transform.type === "forecast") {
    const width = before + 1;
    const ahead = (transform.horizon ?? 0) / period;
    return shown.map((value, place) =>
      value === null ? null : forecast(values.slice(place, place + width), ahead),
    );
  }
  const offset = transform.offset ?? period;
  return shown.map((value, place) => change(transform, offset, value, values[place] ?? null));
}
