import { expect, test } from "vitest";
import { isReadyMade, READY_MADE, readyMadeFrom } from "./ready-made";

test("the dashboards that come with the console are sound", () => {
  for (const each of READY_MADE) {
    expect(isReadyMade(each.id), each.id).toBe(true);
    expect(each.content.panels.length, each.id).toBeGreaterThan(0);
  }
});

test("they are listed by name and known by their file", () => {
  const found = readyMadeFrom({ "./ready-made/z.json": { name: "A" }, "./y.json": { name: "B" } });
  expect(found.map((each) => each.id)).toEqual(["ready-made:z", "ready-made:y"]);
});

test("a wrong one does not pass", () => {
  expect(() => readyMadeFrom({ "./ready-made/z.json": {} })).toThrow(/z\.json is wrong: name is/);
});
