import type { State } from "../model";
import { isRange, type Limits, type Rules } from "./rules";

/**
 * The rules of one decision, as the backend's machine.py has them: what shades the chart while a line
 * is dragged. evaluation-cases.json holds both to the same answers; the server's backtest has the
 * last word.
 */

/** By so many buckets the evaluation range is longer than N, as CloudWatch documents it. */
const EXTRA_PERIODS = 2;

/** True: breaching, false: fine, null: without data. Newest last. */
type Mark = boolean | null;
type Value = number | null;

export interface Standing {
  readonly state: State;
  /** How many of the further thresholds hold; 0 outside of ALARM. */
  readonly level: number;
}

function rangeLength(rules: Rules): number {
  return rules.evaluationPeriods + EXTRA_PERIODS;
}

/** How many evaluation ranges must all be fine before ALARM is left for OK. */
function ranges(rules: Rules): number {
  return Math.max(1, Math.ceil(rules.keepFiring / rules.period));
}

/** How many buckets a decision looks at. */
export function windowLength(rules: Rules): number {
  return rangeLength(rules) + ranges(rules) - 1;
}

function limitsAt(rules: Rules, level: number): Limits {
  return (level > 0 ? rules.levels[level - 1] : undefined) ?? rules;
}

/** Whether a value counts against an instance that is in ALARM or not, by the thresholds of a level. */
export function breaching(rules: Rules, alarmed: boolean, value: number, level = 0): boolean {
  const limits = limitsAt(rules, level);
  if (isRange(rules.comparison)) {
    const within = (limits.lower ?? 0) <= value && value <= (limits.upper ?? 0);
    return within === (rules.comparison === "inside");
  }
  const limit = (alarmed ? limits.recovery : null) ?? limits.threshold ?? 0;
  switch (rules.comparison) {
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    default:
      return value <= limit;
  }
}

function alarmIf(condition: boolean): State {
  return condition ? "ALARM" : "OK";
}

/** What CloudWatch's tables say of an evaluation range; null: keep the present state. */
function documented(rules: Rules, marks: readonly Mark[]): State | null {
  const n = rules.evaluationPeriods;
  const m = rules.datapointsToAlarm;
  const real = marks.filter((mark) => mark !== null);
  const bad = real.filter(Boolean).length;
  if (real.length >= n) {
    return alarmIf(real.slice(-n).filter(Boolean).length >= m);
  }
  if (rules.missingData === "breaching") {
    return alarmIf(bad + n - real.length >= m);
  }
  if (rules.missingData === "notBreaching") {
    return alarmIf(bad >= m);
  }
  if (bad >= m) {
    return "ALARM";
  }
  if (real.includes(false)) {
    return "OK";
  }
  if (rules.missingData === "ignore") {
    return null;
  }
  if (real.length === 0) {
    return "INSUFFICIENT_DATA";
  }
  // Breaching points only, but too few: premature until the oldest of them is M buckets old.
  return marks.length - marks.indexOf(true) >= m ? "ALARM" : null;
}

function outcome(rules: Rules, alarmed: boolean, marks: readonly Mark[]): State | null {
  const length = rangeLength(rules);
  const target = documented(rules, marks.slice(-length));
  if (!alarmed || target !== "OK") {
    return target;
  }
  const silent = rules.missingData === "missing" || rules.missingData === "ignore";
  if (rules.hold && silent && marks.at(-1) === null) {
    return null; // Silence never resolves.
  }
  for (let k = 1; k < ranges(rules); k += 1) {
    if (documented(rules, marks.slice(-length - k, -k)) !== "OK") {
      return null;
    }
  }
  return "OK";
}

function marksOf(rules: Rules, alarmed: boolean, values: readonly Value[], level = 0): Mark[] {
  return values.map((value) => (value === null ? null : breaching(rules, alarmed, value, level)));
}

/** The highest level whose own tables say ALARM, each for itself. */
function levelOf(rules: Rules, before: Standing, values: readonly Value[]): number {
  const one: Rules = rules.keepFiring > 0 ? { ...rules, keepFiring: 0 } : rules;
  for (let each = rules.levels.length; each > 0; each -= 1) {
    const there = before.state === "ALARM" && before.level >= each;
    const found = outcome(one, there, marksOf(rules, there, values, each));
    if ((found ?? alarmIf(there)) === "ALARM") {
      return each;
    }
  }
  return 0;
}

/** Decides one bucket: `values` are `windowLength` of them, this bucket's last. */
export function decide(rules: Rules, before: Standing, values: readonly Value[]): Standing {
  const alarmed = before.state === "ALARM";
  const state = outcome(rules, alarmed, marksOf(rules, alarmed, values)) ?? before.state;
  const level = state === "ALARM" && rules.levels.length > 0 ? levelOf(rules, before, values) : 0;
  return { state, level };
}
