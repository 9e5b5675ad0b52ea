// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";
import { readKept } from "~/auth/person-storage";
import { keepDraft, storageKey } from "./drafts";

const OWNER = { tenant: "acme", id: "u1", version: "1" };
const KEY = storageKey(OWNER, "alert new");
const store = sessionStorage;

beforeEach(() => store.clear());

it("keeps what was written", () => {
  expect(keepDraft(store, KEY, { name: "CPU" }, { name: "" })).toBe(true);
  expect(readKept(store, KEY)).toEqual({ name: "CPU" });
});

it("keeps nothing that is as it was at first", () => {
  keepDraft(store, KEY, { name: "CPU" }, { name: "" });
  expect(keepDraft(store, KEY, { name: "" }, { name: "" })).toBe(false);
  expect(readKept(store, KEY)).toBeUndefined();
});

it("takes up no draft of another build", () => {
  expect(storageKey({ ...OWNER, version: "2" }, "alert new")).not.toBe(KEY);
});
