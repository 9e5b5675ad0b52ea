import type { Operator, PanelFilter } from "./model";
import { variableIn } from "./substitution";

/** What stands in the field of a filter's value: of a list its values, with commas between them. */
export function filterText(filter: PanelFilter): string {
  if (Array.isArray(filter.value)) {
    return filter.value.join(", ");
  }
  return typeof filter.value === "string" ? filter.value : "";
}

/** The filter with what was typed. What ends with a comma is being typed still: its last value is empty. */
export function parsedFilter(filter: PanelFilter, text: string): PanelFilter {
  if (filter.op !== "in" || variableIn(text.trim()) !== null) {
    return { ...filter, value: filter.op === "in" ? text.trim() : text };
  }
  return { ...filter, value: text.split(",").map((each) => each.replace(/^ /, "")) };
}

/** The filter with another operator: as much of its value as that one can take. */
export function withOperator(filter: PanelFilter, op: Operator): PanelFilter {
  if (op === filter.op) {
    return filter;
  }
  const text = filterText(filter);
  if (op === "exists") {
    return { ...filter, op, value: true };
  }
  if (op === "in") {
    return parsedFilter({ ...filter, op }, text);
  }
  return { ...filter, op, value: Array.isArray(filter.value) ? (filter.value[0] ?? "") : text };
}
