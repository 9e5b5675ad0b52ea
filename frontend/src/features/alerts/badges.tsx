import Badge, { type BadgeProps } from "@cloudscape-design/components/badge";
import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import { SEVERITIES, type Severity, type State } from "./model";

const STATE: Readonly<Record<State, { type: StatusIndicatorProps.Type; text: string }>> = {
  OK: { type: "success", text: "OK" },
  ALARM: { type: "error", text: "In alarm" },
  INSUFFICIENT_DATA: { type: "pending", text: "No data" },
};

const SEVERITY: Readonly<Record<Severity, NonNullable<BadgeProps["color"]>>> = {
  critical: "severity-critical",
  high: "severity-high",
  medium: "severity-medium",
  low: "severity-low",
  info: "severity-neutral",
};

export function stateText(state: State): string {
  return STATE[state].text;
}

/** "critical" as it is shown: "Critical". */
export function severityText(severity: Severity): string {
  return severity.charAt(0).toUpperCase() + severity.slice(1);
}

export const SEVERITY_OPTIONS = SEVERITIES.map((value) => ({ value, label: severityText(value) }));

/** Sign and word: colour alone tells nothing. `children` stand in place of the word. */
export function StateBadge(props: { state: State; children?: string }) {
  const { type, text } = STATE[props.state];
  return <StatusIndicator type={type}>{props.children ?? text}</StatusIndicator>;
}

export function SeverityBadge(props: { severity: Severity }) {
  return <Badge color={SEVERITY[props.severity]}>{severityText(props.severity)}</Badge>;
}
