import { expect, it } from "vitest";
import { broken, rulesOf } from "./rules";

const LOCAL = rulesOf({ length: 8, symbols: false });
const PRODUCTION = rulesOf({ length: 12, symbols: true });

it.each([
  ["Abcdefg1", null],
  ["Abcdef1", "at least 8 characters"],
  ["abcdefg1", "an upper case letter"],
  ["ABCDEFG1", "a lower case letter"],
  ["Abcdefgh", "a number"],
])("measures %s by the rules of a small environment", (password, lacking) => {
  const found = broken(LOCAL, password);
  expect(found).toBe(lacking === null ? null : `The password lacks this: ${lacking}.`);
});

it("asks for a symbol where the environment does", () => {
  expect(broken(PRODUCTION, "Abcdefghijk1")).toContain("a symbol");
  expect(broken(PRODUCTION, "Abcdefghijk1-")).toBeNull();
  expect(broken(PRODUCTION, "Abcdef ghijk1")).toBeNull();
  expect(broken(PRODUCTION, "Abcdefghijk1 ")).toContain("a symbol");
});

it("tells only what holds everywhere when the environment does not tell its rules", () => {
  expect(rulesOf(undefined)).toHaveLength(3);
});
