import { describe, expect, test } from "vitest";
import { check } from "./expression";

const known = new Set(["a", "b", "errors"]);

test.each([
  ["a * 100 / b", ["a", "b"]],
  ["-a ^ 2 % 3", ["a"]],
  ["topk(5, a / sum(a))", ["a"]],
  ["clamp(errors, 0, 1e3)", ["errors"]],
  ["max(a, b) - min(b)", ["a", "b"]],
  ["((1 + .5))", []],
  ["2 ^ -a", ["a"]],
])("%s can be read", (text, names) => {
  expect(check(text, known)).toEqual({ names, wrong: null });
});

describe("what is wrong is told with its place", () => {
  test.each([
    ["a +", 3, "expected a query's letter or a number, not the end"],
    ["a b", 2, 'expected an operator before "b"'],
    ["a * c", 4, 'there is no query "c"'],
    ["median(a)", 0, 'there is no function "median"'],
    ["clamp(a, 1)", 0, '"clamp" takes 3, not 2'],
    ["(a + b", 0, "this parenthesis is not closed"],
    ["a $ b", 2, '"$" means nothing here'],
    ["a)", 1, 'expected an operator before ")"'],
    ["", 0, "expected a query's letter or a number, not the end"],
    ["sum()", 4, 'expected a query\'s letter or a number, not ")"'],
  ])("%s", (text, at, reason) => {
    expect(check(text, known).wrong).toEqual({ at, reason });
  });

  test("too long", () => {
    expect(check("a".repeat(1_001), known).wrong?.at).toBe(1_000);
  });
});
