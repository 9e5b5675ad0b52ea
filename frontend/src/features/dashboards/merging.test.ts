import { describe, expect, test } from "vitest";
import { changesSince, merged, same } from "./merging";
import type { Content, Panel } from "./model";

const panel = (id: string, y: number, change: Partial<Panel> = {}): Panel => ({
  ...{ id, title: id.toUpperCase(), type: "line", x: 0, y, w: 6, h: 2 },
  queries: [{ id: "a", metric: "cpu" }],
  thresholds: [],
  ...change,
});
const base: Content = {
  name: "Hosts",
  description: "",
  range: { last: 3600 },
  variables: [{ name: "host", tag: "host", default: [] }],
  panels: [panel("a", 0), panel("b", 2)],
};
const withPanels = (...panels: Panel[]): Content => ({ ...base, panels });
const [a, b] = [panel("a", 0), panel("b", 2)];

describe("changes since a version", () => {
  test("nothing changed is nothing told, whatever the order of fields", () => {
    expect(changesSince(base, { ...base })).toEqual([]);
    expect(same({ x: 1, y: [{ b: 1, a: 2 }] }, { y: [{ a: 2, b: 1 }], x: 1 })).toBe(true);
    expect(same([1, 2], [2, 1])).toBe(false);
  });

  test("each thing is told once, with what became of it", () => {
    const other: Content = {
      ...base,
      name: "Machines",
      variables: [],
      panels: [panel("a", 0, { title: "New", x: 3 }), panel("c", 2), { ...b, x: 6 }],
    };
    expect(changesSince(base, other).map((each) => `${each.what} ${each.how}`)).toEqual([
      "The name changed",
      "Variable host removed",
      "Panel New changed",
      "Panel C added",
      "Panel B moved",
    ]);
    expect(changesSince(base, withPanels(a)).map((each) => each.how)).toEqual(["removed"]);
  });
});

describe("two people's changes", () => {
  test("of different things are both kept", () => {
    const mine = withPanels(panel("a", 0, { title: "Mine" }), b);
    const theirs = { ...withPanels(a, panel("b", 2, { title: "Theirs" })), name: "Machines" };
    const { content, both } = merged(base, mine, theirs);
    expect(both).toEqual([]);
    expect(content.name).toBe("Machines");
    expect(content.panels.map((each) => each.title)).toEqual(["Mine", "Theirs"]);
  });

  test("of the same thing are told, and mine is kept", () => {
    const mine = withPanels(panel("a", 0, { title: "Mine" }), b);
    const theirs = withPanels(panel("a", 0, { title: "Theirs" }), b);
    const { content, both } = merged(base, mine, theirs);
    expect(both.map((each) => each.key)).toEqual(["panel a"]);
    expect(content.panels[0]?.title).toBe("Mine");
  });

  test("that are the same are nobody's clash", () => {
    const alike = { ...base, name: "Machines" };
    expect(merged(base, alike, alike)).toEqual({ content: alike, both: [] });
  });

  test("one of which only moved what the other wrote are both kept", () => {
    const mine = withPanels({ ...a, x: 6 }, b);
    const theirs = withPanels(panel("a", 0, { title: "Theirs" }), b);
    const { content, both } = merged(base, mine, theirs);
    expect(both).toEqual([]);
    expect(content.panels[0]).toMatchObject({ title: "Theirs", x: 6 });
  });

  test("remove what one removed and the other left as it was", () => {
    expect(merged(base, withPanels(a), base).content.panels).toEqual([a]);
    expect(merged(base, base, withPanels(a)).content.panels).toEqual([a]);
  });

  test("keep what one removed and the other changed, and tell it", () => {
    const changed = withPanels(a, panel("b", 2, { title: "Changed" }));
    for (const [mine, theirs] of [
      [withPanels(a), changed],
      [changed, withPanels(a)],
    ] as const) {
      const { content, both } = merged(base, mine, theirs);
      expect(content.panels.map((each) => each.title)).toEqual(["A", "Changed"]);
      expect(both.map((each) => each.key)).toEqual(["panel b"]);
    }
  });

  test("add panels that happen to have one id", () => {
    const mine = withPanels(a, b, panel("panel-3", 4, { title: "Mine" }));
    const theirs = withPanels(a, b, panel("panel-3", 4, { title: "Theirs" }));
    const { content, both } = merged(base, mine, theirs);
    expect(both).toEqual([]);
    expect(content.panels.map((each) => each.title).sort()).toEqual(["A", "B", "Mine", "Theirs"]);
    expect(new Set(content.panels.map((each) => each.id)).size).toBe(4);
    expect(content.panels.map((each) => each.y).sort()).toEqual([0, 2, 4, 6]);
  });

  test("of variables are joined by their names", () => {
    const host = { name: "host", tag: "host", default: ["x"] };
    const zone = { name: "zone", tag: "zone", default: [] };
    const { content } = merged(
      base,
      { ...base, variables: [host] },
      { ...base, variables: [...base.variables, zone] },
    );
    expect(content.variables).toEqual([host, zone]);
  });
});
