import { describe, expect, it } from "vitest";
import type { Condition } from "./model";
import { namedIn, parseRule, ruleText } from "./rule-text";

const KNOWN = [
  { id: "c1", name: "cpu is high" },
  { id: "s1", name: "host is silent" },
  { id: "d1", name: 'say "hi" \\ <b>(now)</b>' },
  { id: "t1", name: "twice" },
  { id: "t2", name: "twice" },
];

function read(text: string): Condition {
  const found = parseRule(text, KNOWN);
  if ("problem" in found) {
    throw new Error(found.problem);
  }
  return found.condition;
}

describe("a rule", () => {
  it("binds not before and, and and before or", () => {
    expect(read('"cpu is high" and not "host is silent" or s1')).toEqual({
      any: [{ all: [{ alert: "c1" }, { not: { alert: "s1" } }] }, { alert: "s1" }],
    });
  });

  it("takes brackets, and words in capitals", () => {
    expect(read("c1 AND (s1 OR NOT (c1 and s1))")).toEqual({
      all: [
        { alert: "c1" },
        { any: [{ alert: "s1" }, { not: { all: [{ alert: "c1" }, { alert: "s1" }] } }] },
      ],
    });
  });

  it("takes every character in a name", () => {
    expect(read('"say \\"hi\\" \\\\ <b>(now)</b>"')).toEqual({ alert: "d1" });
  });

  it.each([
    ["", "missing here", 0],
    ['"cpu is high" and', "missing here", 17],
    ['"cpu is high" s1', "and, or", 14],
    ["(c1", "closing bracket", 3],
    ['"cpu is', "closing quote", 0],
    ['"cpu"', "No alert is called", 0],
    ['c1 and "twice"', "2 alerts are called", 7],
    ["cpü", "in quotes", 0],
    [`${"not ".repeat(12)}c1`, "deeper", 36],
  ])("says what is wrong with %j, and where", (text, problem, at) => {
    const found = parseRule(text, KNOWN);
    expect(found).toMatchObject({ at });
    expect("problem" in found && found.problem).toContain(problem);
  });
});

describe("the text of a condition", () => {
  it.each([
    "c1 and (s1 or not (c1 and s1))",
    '"cpu is high" or "host is silent" and not "say \\"hi\\" \\\\ <b>(now)</b>"',
    "t1 or t2",
    "not not c1",
  ])("is read as the same again: %s", (text) => {
    const condition = read(text);
    expect(read(ruleText(condition, KNOWN))).toEqual(condition);
  });

  it("keeps parts within parts of the same kind apart", () => {
    const nested = { all: [{ all: [{ alert: "c1" }, { alert: "s1" }] }, { alert: "t1" }] };
    expect(ruleText(nested, [])).toBe("(c1 and s1) and t1");
  });

  it("has the name where it is one of its own, else the id", () => {
    expect(ruleText({ any: [{ alert: "c1" }, { alert: "t1" }, { alert: "gone" }] }, KNOWN)).toBe(
      '"cpu is high" or t1 or gone',
    );
  });
});

it("names each alert once", () => {
  expect(namedIn(read("c1 and (s1 or not c1)"))).toEqual(["c1", "s1"]);
  expect(namedIn(null)).toEqual([]);
});
