import { describe, expect, test } from "vitest";
import {
  duplicated,
  filterText,
  freeId,
  newRow,
  packed,
  type Row,
  removed,
  rowName,
  unpacked,
} from "./rows";
import { parseSearch } from "./search";

const base = newRow("metric", []);
const cpu: Row = { ...base, metric: "cpu" };

describe("an address", () => {
  const full: Row[] = [
    {
      ...cpu,
      statistic: "p99.9",
      filters: [
        { tag: "host", op: "=", value: "<b>a</b>" },
        { tag: "zone", op: "in", value: ["1", "2"] },
        { tag: "disk", op: "exists", value: false },
      ],
      groupBy: ["host"],
      period: 300,
      fill: "zero",
      hidden: true,
    },
    { ...base, id: "b", kind: "expression", expression: "a * 100" },
    { ...base, id: "c", kind: "expression" },
  ];

  test("brings back all that it was made of", () => {
    const search = parseSearch({ last: 900, q: JSON.parse(JSON.stringify(packed(full))) });
    expect(unpacked(search.q)).toEqual(full);
  });

  test("says nothing of what is as usual", () => {
    expect(packed([cpu])).toEqual([{ i: "a", m: "cpu" }]);
  });

  test("that is nonsense leads to an empty row", () => {
    const search = parseSearch({ q: [null, 3, { m: "x" }, { i: "A" }], refresh: -1, week: "no" });
    expect(search).toEqual({ last: 3_600 });
    expect(unpacked(search.q)).toEqual([base]);
  });

  test("with strange parts is read without them", () => {
    const search = parseSearch({
      q: [{ i: "a", m: "cpu", s: "median", f: [["host"], ["host", "~", "x"]], p: -1, l: "x" }],
    });
    expect(unpacked(search.q)).toEqual([cpu]);
  });

  test("has each id once", () => {
    const found = unpacked([
      { i: "a", m: "x" },
      { i: "a", m: "y" },
    ]);
    expect(found.map((row) => row.metric)).toEqual(["x"]);
  });

  test("may be written by hand", () => {
    expect(unpacked(parseSearch({ metric: "cpu" }).q)).toEqual([cpu]);
  });

  test("keeps how it is looked at", () => {
    const search = { start: 1, end: 2, refresh: 5, week: 1, split: 1, area: 1, table: 1 };
    expect(parseSearch(search)).toEqual(search);
  });
});

describe("rows", () => {
  test("get the first free letter", () => {
    expect(freeId([cpu, { ...cpu, id: "c" }])).toBe("b");
    const all = [..."abcdefghijklmnopqrstuvwxyz"].map((id) => ({ ...cpu, id }));
    expect(freeId(all)).toBe("q1");
  });

  test("are copied right below", () => {
    const found = duplicated([cpu, { ...cpu, id: "b", metric: "other" }], "a");
    expect(found.map((row) => [row.id, row.metric])).toEqual([
      ["a", "cpu"],
      ["c", "cpu"],
      ["b", "other"],
    ]);
  });

  test("never run out", () => {
    expect(removed([cpu], "a")).toEqual([base]);
  });

  test("are called by what they ask for", () => {
    const filters = [{ tag: "host", op: "prefix", value: "web" }] as const;
    expect(rowName({ ...cpu, filters })).toBe("cpu (avg), host begins with web");
    expect(rowName({ ...base, kind: "expression", expression: "a / b" })).toBe("a / b");
    expect(filterText({ tag: "x", op: "exists", value: true })).toBe("x exists");
    expect(filterText({ tag: "x", op: "in", value: ["a", "b"] })).toBe("x in a, b");
  });
});
