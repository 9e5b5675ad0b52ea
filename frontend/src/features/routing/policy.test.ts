import { describe, expect, it } from "vitest";
import { moved, NEW_ROUTE, parseLabels, placed, unreachable } from "./policy";

const [a, b, c] = ["a", "b", "c"].map((name) => ({ ...NEW_ROUTE, name })) as [
  typeof NEW_ROUTE,
  typeof NEW_ROUTE,
  typeof NEW_ROUTE,
];
const names = (routes: readonly { name: string }[]) => routes.map((each) => each.name).join("");

describe("routes", () => {
  it("change places with their neighbours", () => {
    expect(names(moved([a, b, c], 1, -1))).toBe("bac");
    expect(names(moved([a, b, c], 1, 1))).toBe("acb");
  });

  it("stay at the edges", () => {
    expect(names(moved([a, b], 0, -1))).toBe("ab");
    expect(names(moved([a, b], 1, 1))).toBe("ab");
  });

  it("are put in their place or at the end", () => {
    expect(names(placed([a, b], 0, c))).toBe("cb");
    expect(names(placed([a, b], null, c))).toBe("abc");
  });

  it("tell which can never be reached", () => {
    const all = { ...a, matchers: [] };
    expect(unreachable([all, b])).toBe(1);
    expect(unreachable([b, all])).toBeNull();
    expect(unreachable([{ ...all, proceed: true }, b])).toBeNull();
  });

  it("are tried on labels as they are typed", () => {
    expect(parseLabels("severity=critical host=a\nurl=x=y")).toEqual({
      severity: "critical",
      host: "a",
      url: "x=y",
    });
    expect(parseLabels("severity")).toBeNull();
    expect(parseLabels("=x")).toBeNull();
  });
});
