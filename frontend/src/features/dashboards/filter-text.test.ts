import { expect, test } from "vitest";
import { filterText, parsedFilter, withOperator } from "./filter-text";
import type { PanelFilter } from "./model";

const list: PanelFilter = { tag: "host", op: "in", value: ["a", "b c"] };
const one: PanelFilter = { tag: "host", op: "=", value: "a, b" };

test("a list is shown and typed with commas", () => {
  expect(filterText(list)).toBe("a, b c");
  expect(parsedFilter(list, "a, b c")).toEqual(list);
  expect(filterText(parsedFilter(list, "a, "))).toBe("a, ");
});

test("a variable stands for a whole list", () => {
  expect(parsedFilter(list, "$host")).toEqual({ ...list, value: "$host" });
  expect(filterText({ ...list, value: "$host" })).toBe("$host");
});

test("a single value keeps its commas", () => {
  expect(parsedFilter(one, "x,y")).toEqual({ ...one, value: "x,y" });
});

test("another operator keeps what it can take", () => {
  expect(withOperator(list, "=").value).toBe("a");
  expect(withOperator(one, "in").value).toEqual(["a", "b"]);
  expect(withOperator(one, "!=").value).toBe("a, b");
  expect(withOperator(one, "exists").value).toBe(true);
  expect(withOperator({ ...one, op: "exists", value: true }, "=").value).toBe("");
  expect(withOperator(one, "=")).toBe(one);
});
