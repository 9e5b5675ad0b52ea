import { describe, expect, it } from "vitest";
import {
  attemptText,
  closedAfter,
  markText,
  namedSummary,
  pointsText,
  routeLines,
  tellings,
  withheld,
} from "./explanation";
import type { Explanation } from "./model";

type People = NonNullable<Explanation["people"]>;
const channel = (id: string | null | undefined) => (id === "c1" ? "on <b>call</b>" : (id ?? ""));

const PEOPLE = {
  labels: {},
  severity: "high",
  silences: [{ id: "s", comment: "deploy", until: null }],
  routes: [{ route: "web", channels: ["c1"], group_labels: {} }],
  looked_at: [
    { route: "db", matched: false, why: "host is web-1, not db-*" },
    { route: "web", matched: true, why: "" },
  ],
  told: [
    {
      page: "p",
      at: 1,
      route: "web",
      cause: "escalation",
      step: 1,
      told: "firing",
      status: "sent",
      channels: ["c1", "gone"],
      attempts: [],
    },
  ],
  withheld: [{ at: 1, route: "web", why: "cooldown", by: "x", until: 5 }],
  fates: [],
  engagement: null,
} as unknown as People;

it("names channels, as text, and ids where the name is not known", () => {
  expect(tellings(PEOPLE, channel)).toEqual([
    "Told as firing to on <b>call</b>, gone by the route web, as an escalation: sent",
  ]);
});

it("says why nobody was told", () => {
  expect(withheld(PEOPLE)).toEqual([
    "A silence mutes it: deploy",
    "The route web was held back by cooldown",
  ]);
});

it("says which route takes it, and why others do not", () => {
  expect(routeLines(PEOPLE, channel)).toEqual([
    "web: on <b>call</b>",
    "db does not take it: host is web-1, not db-*",
  ]);
});

it("says of a try what came of it", () => {
  const attempt = { channel: "c1", at: 1, result: "failed", status: 500, error: "no" };
  expect(attemptText(attempt as People["told"][0]["attempts"][0], channel)).toBe(
    "on <b>call</b>: failed (500, no)",
  );
});

it("says in the summary who people are, where that is known", () => {
  const id = "35d45ad0-8153-434a-9016-c85722055b75";
  const people = { ...PEOPLE, engagement: { began: 1, acknowledged_by: id, assignee: null } };
  const found = { summary: `${id} acknowledged it. Told to c1.`, people } as unknown as Explanation;
  expect(namedSummary(found, channel, () => "Ann $& <b>")).toBe(
    "Ann $& <b> acknowledged it. Told to c1.",
  );
});

describe("a period", () => {
  const look = { breaching: true, count: 3, late_count: 1 } as Explanation["window"][0];

  it("is breaching, fine or without data", () => {
    expect([true, false, null].map((breaching) => markText({ ...look, breaching }))).toEqual([
      "Breaching",
      "Fine",
      "No data",
    ]);
    expect(pointsText(look)).toBe("3 points, 1 point too late");
  });

  it("was decided so long after its end, or before", () => {
    const bucket = { start: 0, end: 60_000, due: null, cause: null, because: null };
    const said = (closed_at: number | null) =>
      closedAfter({ ...bucket, closed_at })?.replaceAll("\u202f", " ") ?? null;
    expect(said(61_200)).toBe("1.2 s after its end");
    expect(said(150_000)).toBe("1 min 30 s after its end");
    expect(said(50_000)).toBe("10 s before its end");
    expect(said(null)).toBeNull();
  });
});
