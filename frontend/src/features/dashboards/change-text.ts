import type { components } from "~/api/schema";

type Change = components["schemas"]["DashboardChange"];

/** Longer values are cut: what counts is where something changed. */
const MOST = 60;
/** Of queries and texts only fingerprints are told, which mean nothing to people. */
const FINGERPRINTED = /^(panels\..+\.content|variables\..+\.default)$/;

/** "panels.cpu.title: "Old", now "New"". */
export function changeText(change: Change): string {
  const { field, before, after } = change;
  if (FINGERPRINTED.test(field)) {
    return `${field} changed`;
  }
  if (before === null || before === undefined) {
    return `${field}: ${shown(after)} is new`;
  }
  if (after === null || after === undefined) {
    return `${field}: ${shown(before)} is gone`;
  }
  return `${field}: ${shown(before)}, now ${shown(after)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
