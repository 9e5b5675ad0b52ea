import { expect, test } from "vitest";
import { type MetricRow, matching } from "./query-catalogue";

const row = (name: string): MetricRow => ({
  name,
  complete: true,
  last_seen: 0,
  series: 1,
  unit: null,
});
const rows = ["http.cpu", "system.cpu", "system.cpu.load", "system.memory"].map(row);

test("names that begin with the text come before those that contain it", () => {
  const found = matching(rows, "CPU").map((each) => each.name);
  expect(found).toEqual(["http.cpu", "system.cpu", "system.cpu.load"]);
  expect(matching(rows, "system.c").map((each) => each.name)).toEqual([
    "system.cpu",
    "system.cpu.load",
  ]);
  expect(matching([row("a.cpu"), row("cpu.a")], "cpu").map((each) => each.name)).toEqual([
    "cpu.a",
    "a.cpu",
  ]);
});

test("nothing typed offers all", () => {
  expect(matching(rows, " ")).toHaveLength(4);
});
