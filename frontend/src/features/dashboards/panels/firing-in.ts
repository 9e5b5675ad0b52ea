import type { Firing } from "~/features/alerts/firing";
import type { PanelAlerts } from "../model";

/** Those of this severity, whose alerts have all these labels. */
export function firingIn(firing: readonly Firing[], asked: PanelAlerts = {}): Firing[] {
  const labels = Object.entries(asked.labels ?? {});
  return firing.filter(
    ({ alert, severity }) =>
      (asked.severity === undefined || asked.severity === severity) &&
      labels.every(([key, value]) => alert.labels[key] === value),
  );
}
