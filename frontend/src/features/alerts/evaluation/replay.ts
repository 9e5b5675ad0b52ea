import type { State } from "../model";
import { decide, type Standing, windowLength } from "./machine";
import type { Rules } from "./rules";

/** One change that there would have been; `at` is the end of the bucket that brought it, in epoch ms. */
export interface Change {
  readonly at: number;
  readonly from: State;
  readonly to: State;
  readonly fromLevel: number;
  readonly level: number;
}

/**
 * What an instance would have done over buckets without a hole, had the alert been made before the
 * first: it begins in INSUFFICIENT_DATA, with its first value. `start` is the first bucket's start.
 */
export function replay(rules: Rules, start: number, values: readonly (number | null)[]): Change[] {
  const width = windowLength(rules);
  const padded = [...Array<null>(width - 1).fill(null), ...values];
  const changes: Change[] = [];
  let standing: Standing = { state: "INSUFFICIENT_DATA", level: 0 };
  let begun = false;
  for (let place = 0; place < values.length; place += 1) {
    const window = padded.slice(place, place + width);
    if (!begun && window.every((value) => value === null)) {
      continue;
    }
    const after = decide(rules, standing, window);
    if (after.state !== standing.state || after.level !== standing.level) {
      begun = true;
      changes.push({
        at: start + (place + 1) * rules.period * 1000,
        from: standing.state,
        to: after.state,
        fromLevel: standing.level,
        level: after.level,
      });
    }
    standing = after;
  }
  return changes;
}

/**
 * How often somebody would have been told that it fires, up to `end`: each beginning of an alarm and
 * each rise to a graver level; what begins within the cooldown is told at its end if it still fires.
 */
export function pages(changes: readonly Change[], cooldown: number, end: number): number {
  let told = 0;
  let last: number | null = null;
  let held: number | null = null;
  for (const change of changes) {
    if (held !== null && held <= change.at) {
      told += 1;
      last = held;
      held = null;
    }
    if (change.to !== "ALARM") {
      held = null;
    } else if (change.from !== "ALARM") {
      if (last === null || change.at >= last + cooldown * 1000) {
        told += 1;
        last = change.at;
      } else {
        held = last + cooldown * 1000;
      }
    } else if (change.level > change.fromLevel && held === null) {
      told += 1;
    }
  }
  return told + (held !== null && held <= end ? 1 : 0);
}
