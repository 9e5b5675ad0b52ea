import { describe, expect, it } from "vitest";
import { byUrgency, isNamed, merged, notes, rowOf, severityNote } from "./list";
import type { Alert, Instance, Severity, State } from "./model";
import { labelsOf, matchersFor, matches, mutedBy, type Silence } from "./muting";

function instance(
  host: string,
  state: State,
  since = 1,
  changes: Partial<Instance> = {},
): Instance {
  return {
    tags: { host },
    state,
    since,
    value: 1,
    severity: state === "ALARM" ? "medium" : null,
    acknowledged_by: null,
    acknowledged_at: null,
    assignee: null,
    ...changes,
  };
}

function alert(name: string, instances: Instance[] = [], changes: Partial<Alert> = {}): Alert {
  return {
    id: name,
    name,
    version: 1,
    severity: "medium",
    metric: "m",
    labels: { team: "core" },
    more_instances: false,
    instances,
    ...changes,
  } as unknown as Alert;
}

const SILENCE = {
  state: "active",
  until_resolved: false,
  starts_at: 5,
  matchers: [{ label: "host", op: "prefix", value: "web-" }],
} as unknown as Silence;

describe("the order", () => {
  it("is what fires, gravest and newest first, then no data, then OK, then what has nothing yet", () => {
    const rows = [
      alert("none"),
      alert("fine", [instance("a", "OK")]),
      alert("silent", [instance("a", "INSUFFICIENT_DATA"), instance("b", "OK")]),
      alert("old", [instance("a", "ALARM", 1)]),
      alert("new", [instance("a", "ALARM", 9)]),
      alert("worst", [instance("a", "ALARM", 1, { severity: "critical" as Severity })]),
    ].map((each) => rowOf(each, []));
    expect(rows.sort(byUrgency).map((each) => each.alert.name)).toEqual([
      "worst",
      "new",
      "old",
      "silent",
      "fine",
      "none",
    ]);
  });
});

describe("a row", () => {
  it("counts what fires, what is looked after and what is silenced", () => {
    const row = rowOf(
      alert("a", [
        instance("web-1", "ALARM", 3),
        instance("db", "ALARM", 7, { acknowledged_by: "u1" }),
        instance("x", "OK", 99),
      ]),
      [SILENCE],
    );
    expect(row).toMatchObject({
      state: "ALARM",
      since: 7,
      firing: 2,
      acknowledged: 1,
      silenced: 1,
    });
    expect(notes(row)).toEqual(["2 of 3 instances", "1 acknowledged", "1 silenced"]);
  });

  it("says when it is at a graver level than its own", () => {
    const row = rowOf(alert("a", [instance("x", "ALARM", 1, { severity: "critical" })]), []);
    expect(row.severity).toBe("critical");
    expect(severityNote(row)).toBe("otherwise medium");
  });
});

describe("several answers", () => {
  it("are one alert with all its instances, each as the later answer has it", () => {
    const [found] = merged(
      [alert("a", [instance("x", "OK"), instance("y", "OK")])],
      [alert("a", [instance("x", "ALARM")], { version: 2 })],
    );
    expect(found?.version).toBe(2);
    expect(found?.instances.map((each) => each.state)).toEqual(["ALARM", "OK"]);
  });
});

describe("the search", () => {
  it("finds all words in name, labels and tags, whatever their case", () => {
    const found = alert("CPU is <b>high</b>", [instance("web-1", "OK")]);
    expect(isNamed(found, "cpu WEB-1")).toBe(true);
    expect(isNamed(found, "core <b>")).toBe(true);
    expect(isNamed(found, "disk")).toBe(false);
    expect(isNamed(found, "  ")).toBe(true);
  });
});

describe("silences", () => {
  const firing = instance("web-1", "ALARM", 3);
  const made = alert("a", [firing]);

  it("compare labels, tags, name and severity as the backend does", () => {
    const labels = labelsOf(made, firing);
    expect(labels).toEqual({ host: "web-1", team: "core", alertname: "a", severity: "medium" });
    const fits = (op: string, value: unknown, label = "host") =>
      matches({ label, op, value } as Silence["matchers"][number], labels);
    expect(fits("=", "web-1")).toBe(true);
    expect(fits("!=", "x", "nothing")).toBe(true);
    expect(fits("in", ["db", "web-1"])).toBe(true);
    expect(fits("exists", false, "nothing")).toBe(true);
    expect(fits("prefix", "db")).toBe(false);
  });

  it("mute while they are active, and until it is resolved only what fired then", () => {
    expect(mutedBy([SILENCE], made, firing)).toHaveLength(1);
    expect(mutedBy([{ ...SILENCE, state: "pending" }], made, firing)).toEqual([]);
    const until = { ...SILENCE, until_resolved: true };
    expect(mutedBy([until], made, firing)).toHaveLength(1);
    expect(mutedBy([until], made, { ...firing, since: 6 })).toEqual([]);
  });

  it("begin with the alert and its tags", () => {
    expect(matchersFor(made, { host: "web-1" })).toEqual([
      { label: "alertname", op: "=", value: "a" },
      { label: "host", op: "=", value: "web-1" },
    ]);
  });
});
