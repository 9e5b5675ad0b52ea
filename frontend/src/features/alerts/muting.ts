import type { components } from "~/api/schema";
import type { Alert, Instance, Tags } from "./model";

type Schemas = components["schemas"];
export type Silence = Schemas["SilenceOut"];
export type Matcher = Schemas["Matcher"];

/** What routes and silences look at: the instance's tags, the alert's own labels, and what Skafu sets. */
export function labelsOf(alert: Alert, instance: Instance): Tags {
  return {
    ...instance.tags,
    ...alert.labels,
    alertname: alert.name,
    severity: instance.severity ?? alert.severity,
  };
}

/** As the backend compares: what has no such label equals nothing, so `!=` lets it pass. */
export function matches(matcher: Matcher, labels: Tags): boolean {
  const mine = labels[matcher.label];
  const { value } = matcher;
  switch (matcher.op) {
    case "=":
      return mine === value;
    case "!=":
      return mine !== value;
    case "in":
      return mine !== undefined && Array.isArray(value) && value.includes(mine);
    case "exists":
      return (mine !== undefined) === value;
    default:
      return mine !== undefined && typeof value === "string" && mine.startsWith(value);
  }
}

/** The active silences that mute an instance now. One until it is resolved mutes only what fired when it began. */
export function mutedBy(
  silences: readonly Silence[],
  alert: Alert,
  instance: Instance,
): readonly Silence[] {
  const labels = labelsOf(alert, instance);
  return silences.filter(
    (each) =>
      each.state === "active" &&
      each.matchers.every((matcher) => matches(matcher, labels)) &&
      (!each.until_resolved || (instance.state === "ALARM" && instance.since <= each.starts_at)),
  );
}

/** Matchers that mean this alert, or one instance of it: what "Silence" begins with. */
export function matchersFor(alert: Pick<Alert, "name">, tags: Tags = {}): Matcher[] {
  const own: Matcher = { label: "alertname", op: "=", value: alert.name };
  const others = Object.entries(tags).map(([label, value]): Matcher => ({ label, op: "=", value }));
  return [own, ...others];
}
