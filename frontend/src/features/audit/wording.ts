import type { components } from "~/api/schema";

export type Entry = components["schemas"]["AuditEntry"];

/** The kinds of things whose changes are written down. */
export const KINDS: readonly { readonly value: string; readonly label: string }[] = [
  { value: "alert", label: "Alerts" },
  { value: "channel", label: "Channels" },
  { value: "routing", label: "Routing" },
  { value: "silence", label: "Silences" },
  { value: "dashboard", label: "Dashboards" },
  { value: "member", label: "Members" },
  { value: "client", label: "Machine clients" },
];

/** What the thing is called: its name as it is or was, else its id. */
export function nameOf(entry: Entry): string {
  for (const state of [entry.after, entry.before]) {
    for (const field of ["name", "email", "comment"]) {
      const value = state?.[field];
      if (typeof value === "string" && value !== "") {
        return value;
      }
    }
  }
  return entry.subject;
}

/** A value on one line, as JSON has it; what is long is cut, what is not there says so. */
export function shown(value: unknown, most = 120): string {
  if (value === null || value === undefined) {
    return "nothing";
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
