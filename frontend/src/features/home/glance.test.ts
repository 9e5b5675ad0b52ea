import { describe, expect, it } from "vitest";
import { glances, lineOf, MOST, queriesOf } from "./glance";

type Alerts = Parameters<typeof glances>[0];

function alert(id: string, metric: string | null, state: string): Alerts[number] {
  return {
    id,
    name: id,
    metric,
    statistic: "max",
    instances: [{ state }],
  } as unknown as Alerts[number];
}
const metric = (name: string, last_seen: number) => ({ name, unit: "Percent", last_seen });

describe("what Home shows of metrics", () => {
  it("begins with what fires, then what is watched, then what was seen last", () => {
    const found = glances(
      [alert("quiet", "b", "OK"), alert("loud", "a", "ALARM"), alert("both", null, "ALARM")],
      [metric("c", 1), metric("d", 2), metric("a", 3)],
    );
    expect(found.map((each) => each.metric)).toEqual(["a", "b", "d", "c"]);
    expect(found[0]).toEqual({
      metric: "a",
      statistic: "max",
      unit: "Percent",
      alert: { id: "loud", name: "loud" },
    });
  });

  it("shows each metric once and not too many", () => {
    const many = Array.from({ length: 20 }, (_, index) => metric(`m${index}`, index));
    const found = glances([alert("x", "m1", "OK"), alert("y", "m1", "OK")], many);
    expect(found).toHaveLength(MOST);
    expect(new Set(found.map((each) => each.metric)).size).toBe(MOST);
  });

  it("shows Skafu's own figures behind all others", () => {
    const found = glances([], [metric("skafu.agent.points", 9), metric("queue.depth", 1)]);
    expect(found.map((each) => each.metric)).toEqual(["queue.depth", "skafu.agent.points"]);
  });

  it("asks for each by its own id", () => {
    const queries = queriesOf(glances([], [metric("a", 1), metric("b", 2)]));
    expect(queries.map((each) => [each.id, each.metric])).toEqual([
      ["g0", "b"],
      ["g1", "a"],
    ]);
  });

  it("tells the last value that is there", () => {
    const result = {
      id: "g0",
      series: [{ tags: {}, timestamps: [1, 2, 3], values: [1, 2, null] }],
    };
    expect(lineOf(result as never).last).toBe(2);
    expect(lineOf(undefined)).toEqual({ values: [], last: null });
  });
});
