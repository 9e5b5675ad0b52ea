/**
 * Numbers with their units, as short as they can be read: "1.5 MB", "12.3 %", "250 ms". Units are the
 * API's (CloudWatch's names); prefixes are powers of a thousand, as there. The same everywhere: what
 * is shown does not depend on the browser's language, so that two people read the same.
 */

const THIN_SPACE = "\u202f"; // Keeps a number and its unit on one line.
const DIGITS = 3; // Significant ones: enough to see a change of 1 %.
const PREFIXES = ["", "k", "M", "G", "T", "P", "E"] as const;
const POWERS: Readonly<Record<string, number>> = { kilo: 1, mega: 2, giga: 3, tera: 4 };

/** What stands for no value: in tables, cards, tooltips. */
export const NO_VALUE = "–";

/** At most `digits` significant digits, no trailing zeros; whole numbers below 10,000 stay whole. */
export function plain(value: number, digits: number = DIGITS): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? NO_VALUE : value > 0 ? "∞" : "-∞";
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 10_000) {
    return String(value === 0 ? 0 : value);
  }
  if (size >= 10_000 && size < 1e15) {
    return grouped(value);
  }
  if (size >= 1e15 || size < 1e-6) {
    return trimmed(value.toExponential(digits - 1));
  }
  return trimmed(size >= 10 ** digits ? value.toFixed(0) : fixed(value, digits));
}

/** The value with thousands set apart, rounded to a whole number: for exact counts. */
export function grouped(value: number): string {
  const whole = Math.round(value).toFixed(0);
  return whole.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count in little place: 950, 1.2k, 34.5k, 1.2M. */
export function compact(value: number): string {
  const [scaled, prefix] = byThousands(value);
  return `${plain(scaled)}${prefix}`;
}

/** A value with the API's unit; `null` is a gap. An unknown unit stands behind the number as it is. */
export function formatValue(value: number | null | undefined, unit?: string | null): string {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return NO_VALUE;
  }
  if (unit === null || unit === undefined || unit === "None" || unit === "") {
    return Math.abs(value) >= 10_000 ? compact(value) : plain(value);
  }
  if (unit === "Percent") {
    return `${plain(value)}${THIN_SPACE}%`;
  }
  if (unit in SECONDS) {
    return formatSeconds(value * (SECONDS[unit] ?? 1));
  }
  const [what, rate] = unit.split("/", 2) as [string, string?];
  const per = rate === undefined ? "" : "/s";
  if (what === "Count") {
    return `${compact(value)}${per}`;
  }
  const size = /^(kilo|mega|giga|tera)?(bytes|bits)$/i.exec(what);
  if (size === null) {
    return `${plain(value)}${THIN_SPACE}${unit}`;
  }
  const power = POWERS[size[1]?.toLowerCase() ?? ""] ?? 0;
  const [scaled, prefix] = byThousands(value * 1000 ** power);
  const bytes = size[2]?.toLowerCase() === "bytes";
  return `${plain(scaled)}${THIN_SPACE}${prefix}${bytes ? "B" : "bit"}${per}`;
}

const SECONDS: Readonly<Record<string, number>> = {
  Seconds: 1,
  Milliseconds: 1e-3,
  Microseconds: 1e-6,
};

/** How the unit is called on an axis or in a heading: "bytes per second"; "" for none. */
export function unitName(unit: string | null | undefined): string {
  if (unit === null || unit === undefined || unit === "None") {
    return "";
  }
  return unit.toLowerCase().replace("/second", " per second");
}

/** A duration as it is measured: 250 ms, 1.5 s, 12 min 30 s, 3 h 20 min, 2 d 4 h. */
export function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0 || size >= 60) {
    return formatDuration(seconds);
  }
  for (const [unit, over] of [
    ["s", 1],
    ["ms", 1e-3],
  ] as const) {
    if (size >= over) {
      return `${plain(seconds / over)}${THIN_SPACE}${unit}`;
    }
  }
  return `${plain(seconds / 1e-6)}${THIN_SPACE}µs`;
}

const PARTS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** A stretch of time in its two largest parts: 45 s, 5 min, 1 h 30 min, 2 d 4 h. Whole seconds. */
export function formatDuration(seconds: number): string {
  const sign = seconds < 0 ? "-" : "";
  let rest = rounded(Math.abs(seconds));
  const said: string[] = [];
  for (const [size, unit] of PARTS) {
    const whole = Math.floor(rest / size);
    if (whole > 0) {
      said.push(`${whole}${THIN_SPACE}${unit}`);
      rest -= whole * size;
    } else if (said.length > 0) {
      break;
    }
    if (said.length === 2) {
      break;
    }
  }
  return said.length === 0 ? `0${THIN_SPACE}s` : `${sign}${said.join(" ")}`;
}

/** To the finer of the two parts that are said: 23 h 59 min 59 s is a day. */
function rounded(seconds: number): number {
  const step = seconds >= 86_400 ? 3_600 : seconds >= 3_600 ? 60 : 1;
  return Math.round(seconds / step) * step;
}

/** Two different points' difference in percent: "+12 %", "-3.5 %"; NO_VALUE from nothing. */
export function formatChange(before: number, after: number): string {
  if (before === 0 || !Number.isFinite(before) || !Number.isFinite(after)) {
    return NO_VALUE;
  }
  const change = ((after - before) / Math.abs(before)) * 100;
  return `${change > 0 ? "+" : ""}${plain(change)}${THIN_SPACE}%`;
}

/** "1 alert", "3 alerts", "1,200 series": the noun in the number's form. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

function byThousands(value: number): [number, string] {
  let scaled = value;
  let power = 0;
  // 999.5 would be told as 1000 of the smaller unit.
  while (Math.abs(scaled) >= 999.5 && power < PREFIXES.length - 1) {
    if (power === 0 && Math.abs(scaled) < 1000 && Number.isInteger(scaled)) {
      break;
    }
    scaled /= 1000;
    power += 1;
  }
  return [scaled, PREFIXES[power] ?? ""];
}

function fixed(value: number, digits: number): string {
  return Number(value.toPrecision(digits)).toFixed(decimals(value, digits));
}

function decimals(value: number, digits: number): number {
  return Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))));
}

function trimmed(digits: string): string {
  const [number, exponent] = digits.split("e", 2) as [string, string?];
  const short = number.includes(".") ? number.replace(/\.?0+$/, "") : number;
  return exponent === undefined ? short : `${short}e${exponent.replace("+", "")}`;
}
