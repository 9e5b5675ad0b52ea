import { describe, expect, it } from "vitest";
import {
  compact,
  formatChange,
  formatDuration,
  formatSeconds,
  formatValue,
  grouped,
  plain,
  plural,
  unitName,
} from "./format";

/** Thin spaces are hard to see in a test. */
function said(text: string): string {
  return text.replaceAll("\u202f", " ");
}

describe("plain numbers", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [7, "7"],
    [-42, "-42"],
    [9999, "9999"],
    [12_345, "12,345"],
    [1_234_567.8, "1,234,568"],
    [0.1 + 0.2, "0.3"],
    [12.345, "12.3"],
    [99.96, "100"],
    [1234.56, "1235"],
    [0.001234, "0.00123"],
    [0.0000001, "1e-7"],
    [2.5e15, "2.5e15"],
    [Number.NaN, "–"],
    [Number.POSITIVE_INFINITY, "∞"],
  ])("tell %d as %s", (value, expected) => {
    expect(plain(value)).toBe(expected);
  });
});

describe("values with the API's units", () => {
  it.each([
    [null, "Bytes", "–"],
    [1500, "Bytes", "1.5 kB"],
    [999, "Bytes", "999 B"],
    [999.9, "Bytes", "1 kB"],
    [999_900, "Bytes", "1 MB"],
    [2, "Gigabytes", "2 GB"],
    [1500, "Megabytes/Second", "1.5 GB/s"],
    [8_000_000, "Bits/Second", "8 Mbit/s"],
    [12.34, "Percent", "12.3 %"],
    [100, "Percent", "100 %"],
    [0.25, "Seconds", "250 ms"],
    [1500, "Milliseconds", "1.5 s"],
    [3, "Microseconds", "3 µs"],
    [750, "Seconds", "12 min 30 s"],
    [0, "Seconds", "0 s"],
    [950, "Count", "950"],
    [1200, "Count", "1.2k"],
    [34_512, "Count/Second", "34.5k/s"],
    [9999, null, "9999"],
    [1_000_000, "None", "1M"],
    [-1500, "Bytes", "-1.5 kB"],
    [5, "Furlongs", "5 Furlongs"],
  ])("tell %s %s as %s", (value, unit, expected) => {
    expect(said(formatValue(value, unit))).toBe(expected);
  });
});

describe("durations", () => {
  it.each([
    [0, "0 s"],
    [45, "45 s"],
    [60, "1 min"],
    [90, "1 min 30 s"],
    [3_600, "1 h"],
    [5_400, "1 h 30 min"],
    [3_599.9, "1 h"],
    [86_400, "1 d"],
    [86_399, "1 d"],
    [187_200, "2 d 4 h"],
    [-90, "-1 min 30 s"],
    [3_605, "1 h"],
  ])("tell %d seconds as %s", (seconds, expected) => {
    expect(said(formatDuration(seconds))).toBe(expected);
  });

  it("are measured in the unit that fits below a minute", () => {
    expect(said(formatSeconds(0.0000025))).toBe("2.5 µs");
    expect(said(formatSeconds(59.94))).toBe("59.9 s");
  });
});

it("shortens counts by thousands", () => {
  expect([999, 1000, 1234, 999_999, 1_250_000].map(compact)).toEqual([
    "999",
    "1k",
    "1.23k",
    "1M",
    "1.25M",
  ]);
});

it("sets thousands apart", () => {
  expect([1, 1000, -1234567].map(grouped)).toEqual(["1", "1,000", "-1,234,567"]);
});

it("tells a change in percent, with its sign", () => {
  expect(said(formatChange(100, 112))).toBe("+12 %");
  expect(said(formatChange(200, 193))).toBe("-3.5 %");
  expect(formatChange(0, 5)).toBe("–");
});

it("puts nouns into the number's form", () => {
  expect([plural(1, "alert"), plural(3, "alert"), plural(1200, "series", "series")]).toEqual([
    "1 alert",
    "3 alerts",
    "1,200 series",
  ]);
});

it("names units in words", () => {
  expect([unitName("Bytes/Second"), unitName("Percent"), unitName(null), unitName("None")]).toEqual(
    ["bytes per second", "percent", "", ""],
  );
});
