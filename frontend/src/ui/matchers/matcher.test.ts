import { describe, expect, it } from "vitest";
import {
  allInWords,
  inWords,
  type Matcher,
  parseMatchers,
  textOf,
  withOperator,
  withText,
} from "./matcher";

const host: Matcher = { label: "host", op: "=", value: "a" };

describe("matchers", () => {
  it("keep what was typed when the operator changes", () => {
    expect(withOperator({ ...host, value: "a, b" }, "in").value).toEqual(["a", "b"]);
    expect(withOperator({ label: "host", op: "in", value: ["a", "b"] }, "prefix").value).toBe(
      "a, b",
    );
    expect(withOperator(host, "exists").value).toBe(true);
  });

  it("take several values set apart by commas", () => {
    expect(withText({ ...host, op: "in" }, "a,, b ").value).toEqual(["a", "b"]);
  });

  it("say whether a label exists", () => {
    expect(withText({ ...host, op: "exists" }, "false").value).toBe(false);
    expect(textOf({ ...host, op: "exists", value: false })).toBe("false");
  });

  it("are read in words", () => {
    expect(inWords({ label: "host", op: "in", value: ["a", "b"] })).toBe("host is one of a, b");
    expect(inWords({ label: "host", op: "exists", value: false })).toBe("host does not exist");
    expect(allInWords([host, { label: "zone", op: "!=", value: "b" }])).toBe(
      "host is a and zone is not b",
    );
    expect(allInWords([])).toBe("everything");
  });

  it("come from a link, unless it was cut or tampered with", () => {
    expect(parseMatchers(JSON.stringify([host]))).toEqual([host]);
    expect(parseMatchers('[{"label": "host", "op": "=')).toBeNull();
    expect(parseMatchers('[{"label": "host", "op": "~", "value": "x"}]')).toBeNull();
    expect(parseMatchers('[{"label": "host", "op": "=", "value": {"a": 1}}]')).toBeNull();
  });
});
