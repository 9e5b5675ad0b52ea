import { describe, expect, it } from "vitest";
import { type Channel, draftOf, EMPTY, requestOf, targetOf } from "./channel";

const stored: Channel = {
  id: "c",
  version: 2,
  name: "Team",
  type: "slack",
  url: "https://hooks.slack.com/…",
  region: null,
  address: null,
  subscription: null,
  template: { title: "T", text: "" },
  sends_resolved: false,
  previous_secret_until: null,
  created_at: 1,
  edited_at: 2,
};

describe("a channel's form", () => {
  it("keeps a secret address by not naming it", () => {
    expect(requestOf(draftOf(stored))).toEqual({
      name: "Team",
      type: "slack",
      url: null,
      address: null,
      routing_key: null,
      secret: null,
      region: null,
      template: { title: "T", text: "" },
      sends_resolved: false,
    });
  });

  it("shows what is no secret", () => {
    const webhook = { ...stored, type: "webhook", url: "https://example.com/x" } as const;
    expect(draftOf(webhook).target).toBe("https://example.com/x");
  });

  it("sends the target where its type wants it", () => {
    const draft = { ...EMPTY, name: " Me ", target: " x " };
    expect(requestOf({ ...draft, type: "email" })).toMatchObject({
      name: "Me",
      address: "x",
      url: null,
    });
    expect(requestOf({ ...draft, type: "pagerduty", region: "eu" })).toMatchObject({
      routing_key: "x",
      region: "eu",
    });
    expect(requestOf({ ...draft, type: "webhook", secret: "s" })).toMatchObject({
      url: "x",
      secret: "s",
    });
    expect(requestOf({ ...draft, type: "slack", secret: "s" }).secret).toBeNull();
  });

  it("has no template unless one is written", () => {
    expect(requestOf(EMPTY).template).toBeNull();
  });

  it("tells where it goes", () => {
    expect(targetOf({ ...stored, type: "topic", url: null })).toContain("topic");
    expect(targetOf({ ...stored, type: "email", url: null, address: "a@b.c" })).toBe("a@b.c");
  });
});
