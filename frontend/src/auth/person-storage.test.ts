// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";
import { forgetPersons, keep, personKey, readKept } from "./person-storage";

const ANNA = { tenant: "acme", id: "u1" };
const store = sessionStorage;

beforeEach(() => store.clear());

it("gives each person a place of their own", () => {
  keep(store, personKey(ANNA, "recent"), [1]);
  expect(readKept(store, personKey(ANNA, "recent"))).toEqual([1]);
  expect(readKept(store, personKey({ ...ANNA, id: "u2" }, "recent"))).toBeUndefined();
  expect(readKept(store, personKey({ ...ANNA, tenant: "b" }, "recent"))).toBeUndefined();
});

it("takes what cannot be read for nothing", () => {
  store.setItem("a", "{");
  expect(readKept(store, "a")).toBeUndefined();
  expect(store.getItem("a")).toBeNull();
});

it("keeps nothing when there is no room, not even what is older", () => {
  const full = {
    ...memory(),
    setItem: () => {
      throw new Error("full");
    },
  };
  keep(full as unknown as Storage, "a", 1);
  expect(full.removed).toEqual(["a"]);
});

it("forgets all of everybody, and nothing else", () => {
  store.setItem("other", "1");
  keep(store, personKey(ANNA, "a"), 1);
  keep(store, personKey({ ...ANNA, id: "u2" }, "b"), 2);
  forgetPersons(store);
  expect([store.length, store.getItem("other")]).toEqual([1, "1"]);
});

function memory() {
  const removed: string[] = [];
  return { removed, removeItem: (key: string) => removed.push(key) };
}
