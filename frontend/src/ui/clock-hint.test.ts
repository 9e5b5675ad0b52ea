import { expect, it } from "vitest";
import { clockHint } from "./clock-hint";

it("says nothing of a clock that is a minute wrong at most", () => {
  expect([clockHint(0), clockHint(60_000), clockHint(-60_000)]).toEqual([null, null, null]);
});

it.each([
  [61_000, "1 minute behind"],
  [-300_000, "5 minutes ahead"],
  [2 * 3_600_000, "2 hours behind"],
  [-72 * 3_600_000, "3 days ahead"],
])("tells how far %d ms are", (skew, words) => {
  expect(clockHint(skew)).toContain(words);
});
