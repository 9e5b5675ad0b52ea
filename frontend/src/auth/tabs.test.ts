// @vitest-environment jsdom
import { expect, it } from "vitest";
import { type Change, meaning, SIGNED_OUT_KEY, watchTabs } from "./tabs";

const USER = "CognitoIdentityServiceProvider.client.LastAuthUser";

it.each<[string | null, string | null, Change | null]>([
  [USER, "u1", "signed-in"],
  [USER, null, "expired"],
  [SIGNED_OUT_KEY, "1", "signed-out"],
  [null, null, "signed-out"],
  ["CognitoIdentityServiceProvider.other.LastAuthUser", null, null],
  ["skafu.theme", "dark", null],
])("takes %s = %s for %s", (key, newValue, expected) => {
  expect(meaning({ key, newValue }, "client")).toBe(expected);
});

it("hears other tabs until it is stopped", () => {
  const heard: Change[] = [];
  const stop = watchTabs(window, "client", (what) => heard.push(what));
  const event = { key: USER, newValue: null, storageArea: localStorage };
  window.dispatchEvent(new StorageEvent("storage", event));
  window.dispatchEvent(new StorageEvent("storage", { ...event, storageArea: sessionStorage }));
  stop();
  window.dispatchEvent(new StorageEvent("storage", event));
  expect(heard).toEqual(["expired"]);
});
