/** A point of a drawing: its place along the line from 0 to 1, and its value; null is a gap. */
export interface Sample {
  readonly at: number;
  readonly value: number | null;
}

/**
 * At most about `2 * columns` samples that look the same when drawn so many pixels wide: of each column
 * the least and the greatest value in their order, and its gap where it has no value.
 */
export function decimate(
  values: readonly (number | null | undefined)[],
  columns: number,
): Sample[] {
  const last = Math.max(1, values.length - 1);
  if (values.length <= 2 * columns) {
    return values.map((value, i) => ({ at: i / last, value: value ?? null }));
  }
  const found: Sample[] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    let least = -1;
    let most = -1;
    for (let i = from; i < to; i++) {
      const value = values[i];
      if (value !== null && value !== undefined) {
        least = least < 0 || value < (values[least] as number) ? i : least;
        most = most < 0 || value > (values[most] as number) ? i : most;
      }
    }
    if (least < 0) {
      found.push({ at: from / last, value: null });
      continue;
    }
    for (const i of least === most ? [least] : [Math.min(least, most), Math.max(least, most)]) {
      found.push({ at: i / last, value: values[i] as number });
    }
  }
  return found;
}
