import type { Aligned } from "./align";
import type { ChartSeries } from "./types";

/** What spreadsheets take for the beginning of a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;

/** One field by RFC 4180; a text that a spreadsheet would compute gets an apostrophe before it. */
export function csvField(value: string | number | null): string {
  if (value === null) {
    return "";
  }
  if (typeof value === "number") {
    return String(value);
  }
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows as CSV by RFC 4180: fields with commas, lines with CR LF, the header first. */
export function csv(
  header: readonly string[],
  rows: Iterable<readonly (string | number | null)[]>,
): string {
  const lines = [header.map(csvField).join(",")];
  for (const row of rows) {
    lines.push(row.map(csvField).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** A chart's numbers: UTC time of the bucket's start, then a column for each series; gaps are empty. */
export function chartCsv(series: readonly ChartSeries[], aligned: Aligned): string {
  const rows = aligned.times.map((time, i) => [
    new Date(time).toISOString(),
    ...aligned.columns.map((column) => column[i] ?? null),
  ]);
  return csv(["time", ...series.map((each) => each.label)], rows);
}

/** Lets the browser save a text as a file. */
export function save(name: string, text: string, type = "text/csv;charset=utf-8"): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** A name that every file system takes: "CPU by host" becomes "cpu-by-host.csv". */
export function fileName(title: string): string {
  const plain = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "");
  return `${plain.slice(0, 80) || "chart"}.csv`;
}
