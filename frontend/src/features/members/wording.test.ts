import { describe, expect, it } from "vitest";
import { actionsOf, consequence, sentence } from "./wording";

describe("what can be done to a member", () => {
  it("offers other roles and disabling for who is active", () => {
    expect(actionsOf({ role: "editor", status: "active" })).toEqual(["viewer", "admin", "disable"]);
  });

  it("sends an invitation again, or takes it back", () => {
    expect(actionsOf({ role: "viewer", status: "invited" })).toEqual(["invite", "remove"]);
  });

  it("removes only who is disabled or never came", () => {
    expect(actionsOf({ role: "admin", status: "disabled" })).toEqual(["enable", "remove"]);
  });

  it("asks before what cannot be taken back or gives power", () => {
    expect(
      (["disable", "remove", "admin"] as const).map(consequence).every((each) => each !== null),
    ).toBe(true);
    expect((["viewer", "editor", "enable", "invite"] as const).map(consequence)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it("calls every action by a sentence", () => {
    expect(sentence("viewer")).toBe("Make a viewer");
  });
});
