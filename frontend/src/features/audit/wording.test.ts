import { describe, expect, it } from "vitest";
import { type Entry, nameOf, shown } from "./wording";

const entry: Entry = {
  at: 1,
  actor: { id: "a", kind: "person", role: "admin" },
  action: "change",
  kind: "alert",
  subject: "id-1",
  before: { name: "Old" },
  after: { name: "New" },
  changes: [],
};

describe("an audit entry", () => {
  it("is called as the thing is now", () => {
    expect(nameOf(entry)).toBe("New");
  });

  it("is called as the thing was when it is gone", () => {
    expect(nameOf({ ...entry, after: null })).toBe("Old");
  });

  it("is called by its id when nothing else is known", () => {
    expect(nameOf({ ...entry, before: null, after: { routes: [] } })).toBe("id-1");
  });

  it("shows values on one line and cuts what is long", () => {
    expect([shown(null), shown("x"), shown({ a: 1 }), shown("abcdef", 4)]).toEqual([
      "nothing",
      "x",
      '{"a":1}',
      "abc…",
    ]);
  });
});
