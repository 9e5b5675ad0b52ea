import { expect, test } from "vitest";
import type { Row } from "./data";
import { copyName, matching, sorted } from "./rows";

const row = (name: string, description: string, panels: number): Row => ({
  ...{ id: name, name, description, panels, version: 1, updated_at: panels, updated_by: "p" },
});
const rows = [row("web 10", "Hosts", 3), row("Web 2", "", 1), row("db", "of the web shop", 2)];
const names = (found: readonly Row[]) => found.map((each) => each.name);

test("all words must be found, in the name or the description, in any case", () => {
  expect(names(matching(rows, "WEB"))).toEqual(["web 10", "Web 2", "db"]);
  expect(names(matching(rows, " web host "))).toEqual(["web 10"]);
  expect(names(matching(rows, ""))).toHaveLength(3);
  expect(names(matching(rows, "nothing"))).toEqual([]);
});

test("names are sorted as people count", () => {
  expect(names(sorted(rows, "name", false))).toEqual(["db", "Web 2", "web 10"]);
  expect(names(sorted(rows, "name", true))).toEqual(["web 10", "Web 2", "db"]);
  expect(names(sorted(rows, "panels", true))).toEqual(["web 10", "db", "Web 2"]);
});

test("a copy's name is cut where names end", () => {
  expect(copyName("Hosts")).toBe("Copy of Hosts");
  expect([...copyName("😀".repeat(200))]).toHaveLength(200);
});
