import { expect, it } from "vitest";
import { parseDraftSearch, parseInstanceSearch, parseListSearch } from "./search";

it("takes a draft as text, and as what the router has read of it", () => {
  expect(parseDraftSearch({ draft: '{"metric":"m"}' })).toEqual({ draft: '{"metric":"m"}' });
  expect(parseDraftSearch({ draft: { metric: "m" } })).toEqual({ draft: '{"metric":"m"}' });
  expect(parseDraftSearch({ draft: 5 })).toEqual({});
});

it("leaves out filters and tags that make no sense", () => {
  expect(parseListSearch({ state: "ALARM", severity: 1, name: "", other: "x" })).toEqual({
    state: "ALARM",
  });
  expect(parseInstanceSearch({ tags: { host: "a", bad: 1 } }).tags).toEqual({ host: "a" });
  expect(parseInstanceSearch({ tags: "x" }).tags).toEqual({});
});

it("takes a name that looks like a number, as the router reads it", () => {
  expect(parseListSearch({ name: 404 })).toEqual({ name: "404" });
});
