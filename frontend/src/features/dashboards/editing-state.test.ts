import { expect, test } from "vitest";
import {
  newPanel,
  remembered,
  tidied,
  withDuplicate,
  withoutPanel,
  withPanel,
  workOn,
} from "./editing-state";
import type { Content, Panel } from "./model";

const panel = (id: string, x: number, y: number): Panel => ({
  ...{ id, title: id, type: "line", x, y, w: 6, h: 4 },
  queries: [{ id: "a", metric: "cpu" }],
  thresholds: [],
});
const content: Content = {
  ...{ name: "Hosts", description: "", range: { last: 3600 }, variables: [] },
  panels: [panel("b", 6, 0), panel("a", 0, 0)],
};
const places = (found: Content) => found.panels.map((each) => [each.id, each.x, each.y]);

test("work begins with no change, also where panels hang in the air", () => {
  const content2 = { ...content, panels: [panel("a", 0, 7)] };
  const work = workOn({ id: "d", version: 3, updatedAt: 1, updatedBy: "p", content: content2 });
  expect(work).toMatchObject({ version: 3 });
  expect(work.content).toEqual(work.base);
  expect(places(work.content)).toEqual([["a", 0, 0]]);
});

test("a new panel comes where there is room, with an id of its own", () => {
  const made = newPanel(content, "stat");
  expect(made).toMatchObject({ id: "panel-3", x: 0, y: 4, w: 3, h: 2 });
  expect(made.queries).toHaveLength(1);
  expect(newPanel(content, "text")).toMatchObject({ text: "", queries: [] });
  const taken = withPanel(content, { ...made, id: "panel-4" });
  expect(newPanel(taken, "stat").id).not.toBe("panel-4");
});

test("a panel takes the place of the one of its id", () => {
  const changed = withPanel(content, { ...panel("a", 0, 0), title: "New" });
  expect(changed.panels.map((each) => each.title)).toEqual(["b", "New"]);
});

test("what lay below a removed panel falls up", () => {
  const three = withPanel(content, panel("c", 0, 4));
  expect(places(withoutPanel(three, "a"))).toEqual([
    ["b", 6, 0],
    ["c", 0, 0],
  ]);
});

test("a duplicate is another panel with the same content", () => {
  const twice = withDuplicate(content, "a");
  expect(twice.panels).toHaveLength(3);
  expect(twice.panels[2]).toMatchObject({ id: "panel-3", title: "a", x: 0, y: 4 });
  expect(withDuplicate(content, "z")).toBe(content);
});

test("panels are stored in the order in which they are read", () => {
  expect(tidied(content).panels.map((each) => each.id)).toEqual(["a", "b"]);
});

test("only so many steps are remembered", () => {
  let past: readonly Content[] = [];
  for (let n = 0; n < 60; n += 1) {
    past = remembered(past, { ...content, name: String(n) });
  }
  expect([past.length, past.at(-1)?.name]).toEqual([50, "59"]);
});
