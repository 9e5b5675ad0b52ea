import { describe, expect, it } from "vitest";
import { closeness, type Entry, type Group, offered, type Recent, withRecent } from "./entries";

function entry(group: Group, label: string, path = `/${label}`): Entry {
  return { id: `${group} ${label}`, group, label, to: { path } };
}

describe("fitting", () => {
  it.each([
    ["cpu", "cpu", 3],
    ["CPU", "system.cpu.user", 2],
    ["pu", "cpu", 1],
    ["disk", "cpu", 0],
    ["", "cpu", 1],
    ["cpu high", "CPU is high", 5],
    ["cpu low", "CPU is high", 0],
  ])("%s fits %s by %d", (typed, label, score) => {
    expect(closeness(typed, { label })).toBe(score);
  });

  it("finds by further words too", () => {
    expect(closeness("theme", { label: "Dark", words: "looks theme" })).toBe(2);
  });

  it("takes what is typed as it is, not for a pattern", () => {
    expect(closeness(".*", { label: "cpu" })).toBe(0);
    expect(closeness("a.b", { label: "a.b" })).toBe(3);
  });
});

describe("what is offered", () => {
  it("comes by groups, in a group the best first", () => {
    const entries = [entry("Metrics", "acpu"), entry("Metrics", "cpu"), entry("Pages", "A cpu")];
    expect(offered("cpu", entries).map((each) => each.label)).toEqual(["A cpu", "cpu", "acpu"]);
  });

  it("is not offered again below what is recent", () => {
    const entries = [entry("Metrics", "cpu"), entry("Recent", "cpu")];
    expect(offered("cpu", entries).map((each) => each.group)).toEqual(["Recent"]);
  });

  it("is not more of a group than can be looked over", () => {
    const many = Array.from({ length: 50 }, (_, index) => entry("Metrics", `cpu${index}`));
    expect(offered("cpu", many)).toHaveLength(8);
  });
});

it("remembers what was opened last, each once, and forgets the oldest", () => {
  const opened = (path: string): Recent => ({ label: path, hint: "", to: { path } });
  const all = ["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/c"].reduce<readonly Recent[]>(
    (before, path) => withRecent(before, opened(path)),
    [],
  );
  expect(all.map((each) => each.label)).toEqual(["/c", "/g", "/f", "/e", "/d", "/b"]);
});
