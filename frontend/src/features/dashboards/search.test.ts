import { expect, test } from "vitest";
import { parseSearch, rangeOf, withChoice, withRange } from "./search";

test("a URL without a range leaves it to the dashboard", () => {
  expect(parseSearch({})).toEqual({});
  expect(rangeOf({}, { last: 900 })).toEqual({ last: 900 });
  expect(rangeOf({ last: 60 }, { last: 900 })).toEqual({ last: 60 });
  expect(rangeOf({ start: 1, end: 2 }, { last: 900 })).toEqual({ start: 1, end: 2 });
});

test("the whole view is read", () => {
  const search = {
    start: 1,
    end: 2,
    refresh: 30,
    vars: { host: ["a", "7"] },
    panel: "cpu",
    edit: true,
  };
  expect(parseSearch(search)).toEqual(search);
});

test("nonsense is left out", () => {
  const raw = {
    ...{ last: "x", refresh: -1, panel: 3, other: 1, edit: 1 },
    vars: { host: "a", zone: [1], app: [] },
  };
  expect(parseSearch(raw)).toEqual({ vars: { app: [] } });
  expect(parseSearch({ vars: [] })).toEqual({});
  expect(parseSearch({ start: 5, end: 2 })).toEqual({});
});

test("another range takes the place of the one before, whichever kind it was", () => {
  expect(withRange({ last: 60, panel: "p" }, { start: 1, end: 2 })).toEqual({
    ...{ panel: "p", start: 1, end: 2 },
  });
  expect(withRange({ start: 1, end: 2 }, { last: 60 })).toEqual({ last: 60 });
});

test("choosing for one variable leaves the others", () => {
  expect(withChoice({ vars: { a: ["x"] } }, "b", [])).toEqual({ vars: { a: ["x"], b: [] } });
});
