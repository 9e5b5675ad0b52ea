import { beforeEach, expect, it } from "vitest";
import { forgetDrafts, keepDraft, readDraft, storageKey } from "./drafts";

const OWNER = { tenant: "acme", id: "u1", version: "1" };
const KEY = storageKey(OWNER, "alert new");
const store = sessionStorage;

beforeEach(() => store.clear());

it("keeps what was written", () => {
  expect(keepDraft(store, KEY, { name: "CPU" }, { name: "" })).toBe(true);
  expect(readDraft(store, KEY)).toEqual({ name: "CPU" });
});

it("keeps nothing that is as it was at first", () => {
  keepDraft(store, KEY, { name: "CPU" }, { name: "" });
  expect(keepDraft(store, KEY, { name: "" }, { name: "" })).toBe(false);
  expect(readDraft(store, KEY)).toBeUndefined();
});

it("shows nobody another's draft, nor one of another build", () => {
  const others = [
    { ...OWNER, tenant: "b" },
    { ...OWNER, id: "u2" },
    { ...OWNER, version: "2" },
  ];
  for (const other of others) {
    expect(storageKey(other, "alert new")).not.toBe(KEY);
  }
});

it("takes what cannot be read for no draft", () => {
  store.setItem(KEY, "{");
  expect(readDraft(store, KEY)).toBeUndefined();
  expect(store.getItem(KEY)).toBeNull();
});

it("forgets all drafts, and nothing else", () => {
  store.setItem("other", "1");
  keepDraft(store, KEY, 1, 2);
  keepDraft(store, storageKey(OWNER, "b"), 1, 2);
  forgetDrafts(store);
  expect([store.length, store.getItem("other")]).toEqual([1, "1"]);
});
