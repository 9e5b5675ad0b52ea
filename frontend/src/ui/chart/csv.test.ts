import { expect, test } from "vitest";
import { chartCsv, csv, csvField, fileName } from "./csv";

test.each([
  ["plain", "plain"],
  ["a,b", '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ["two\nlines", '"two\nlines"'],
  ["=1+1", "'=1+1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["-2+3", "'-2+3"],
  ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
])("the text %j becomes %j", (text, field) => {
  expect(csvField(text)).toBe(field);
});

test("numbers stay numbers, negative ones too, and gaps are empty", () => {
  expect(csvField(-1.5)).toBe("-1.5");
  expect(csvField(1e-9)).toBe("1e-9");
  expect(csvField(null)).toBe("");
});

test("lines end as RFC 4180 has it", () => {
  expect(csv(["a", "b"], [[1, null]])).toBe("a,b\r\n1,\r\n");
});

test("a chart's numbers come with UTC times", () => {
  const series = [{ id: "a", label: "host=a", tags: {}, timestamps: [], values: [] }];
  expect(chartCsv(series, { times: [0, 60_000], columns: [[1.5, null]] })).toBe(
    "time,host=a\r\n1970-01-01T00:00:00.000Z,1.5\r\n1970-01-01T00:01:00.000Z,\r\n",
  );
});

test("file names are plain", () => {
  expect(fileName("CPU/by <host>")).toBe("cpu-by-host.csv");
  expect(fileName("../..")).toBe("chart.csv");
});
