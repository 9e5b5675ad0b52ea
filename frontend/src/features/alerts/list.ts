import { severityText } from "./badges";
import {
  type Alert,
  type Instance,
  type Severity,
  type State,
  severityRank,
  stateRank,
  tagsKey,
} from "./model";
import { mutedBy, type Silence } from "./muting";

/** One line of the alerts' list. */
export interface Row {
  readonly alert: Alert;
  /** The worst of its instances; null: it has none yet. */
  readonly state: State | null;
  /** Of the instances in that state the gravest severity; else the alert's own. */
  readonly severity: Severity;
  /** When the newest of these came there. */
  readonly since: number | null;
  readonly firing: number;
  readonly instances: number;
  /** Of the firing ones. */
  readonly acknowledged: number;
  readonly silenced: number;
}

/**
 * Alerts from several answers as one: of the same alert the newest version counts, and its instances
 * are put together, the later answer's first.
 */
export function merged(...answers: readonly (readonly Alert[])[]): Alert[] {
  const found = new Map<string, Alert>();
  for (const alert of answers.flat()) {
    const before = found.get(alert.id);
    found.set(alert.id, before === undefined ? alert : joined(before, alert));
  }
  return [...found.values()];
}

function joined(before: Alert, after: Alert): Alert {
  const newest = after.version >= before.version ? after : before;
  const instances = new Map<string, Instance>();
  for (const each of [...before.instances, ...after.instances]) {
    instances.set(tagsKey(each.tags), each);
  }
  return {
    ...newest,
    instances: [...instances.values()],
    more_instances: before.more_instances || after.more_instances,
  };
}

export function rowOf(alert: Alert, silences: readonly Silence[]): Row {
  const firing = alert.instances.filter((each) => each.state === "ALARM");
  const states = alert.instances
    .map((each) => each.state)
    .sort((a, b) => stateRank(a) - stateRank(b));
  const state = states[0] ?? null;
  const there = alert.instances.filter((each) => each.state === state);
  const severities = firing.map((each) => each.severity ?? alert.severity);
  return {
    alert,
    state,
    severity: severities.sort((a, b) => severityRank(a) - severityRank(b))[0] ?? alert.severity,
    since: there.length === 0 ? null : Math.max(...there.map((each) => each.since)),
    firing: firing.length,
    instances: alert.instances.length,
    acknowledged: firing.filter((each) => each.acknowledged_by !== null).length,
    silenced: firing.filter((each) => mutedBy(silences, alert, each).length > 0).length,
  };
}

/** What asks for attention first: by state, then severity, then the newest; at last by name. */
export function byUrgency(a: Row, b: Row): number {
  return (
    rank(a) - rank(b) ||
    severityWhereItFires(a) - severityWhereItFires(b) ||
    (b.since ?? 0) - (a.since ?? 0) ||
    a.alert.name.localeCompare(b.alert.name)
  );
}

function rank(row: Row): number {
  return row.state === null ? Number.MAX_SAFE_INTEGER : stateRank(row.state);
}

function severityWhereItFires(row: Row): number {
  return row.state === "ALARM" ? severityRank(row.severity) : 0;
}

export function byName(a: Row, b: Row): number {
  return a.alert.name.localeCompare(b.alert.name);
}

export function bySeverity(a: Row, b: Row): number {
  return severityRank(a.severity) - severityRank(b.severity) || byUrgency(a, b);
}

/** All words of `text` stand in its name, metric, tags or labels. */
export function isNamed(alert: Alert, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return true;
  }
  const tags = alert.instances.flatMap((each) => Object.values(each.tags));
  const said = [alert.name, alert.metric ?? "", ...Object.values(alert.labels), ...tags]
    .join("\n")
    .toLowerCase();
  return words.every((word) => said.includes(word));
}

/** "3 of 12 in alarm, 1 acknowledged, 2 silenced": what the state's column says besides. */
export function notes(row: Row): string[] {
  const said: string[] = [];
  if (row.state === "ALARM" && row.instances > 1) {
    said.push(`${row.firing} of ${row.instances}${row.alert.more_instances ? "+" : ""} instances`);
  }
  if (row.acknowledged > 0) {
    said.push(row.firing === 1 ? "acknowledged" : `${row.acknowledged} acknowledged`);
  }
  if (row.silenced > 0) {
    said.push(row.firing === 1 ? "silenced" : `${row.silenced} silenced`);
  }
  return said;
}

/** The severity that a row shows, with the alert's own where it is another one. */
export function severityNote(row: Row): string | null {
  return row.severity === row.alert.severity
    ? null
    : `otherwise ${severityText(row.alert.severity).toLowerCase()}`;
}
