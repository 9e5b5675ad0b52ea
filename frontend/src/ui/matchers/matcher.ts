import type { components } from "~/api/schema";

export type Matcher = components["schemas"]["Matcher"];
export type Operator = Matcher["op"];

export const OPERATORS: readonly { readonly value: Operator; readonly label: string }[] = [
  { value: "=", label: "is" },
  { value: "!=", label: "is not" },
  { value: "in", label: "is one of" },
  { value: "prefix", label: "begins with" },
  { value: "exists", label: "exists" },
];

/** A matcher with another operator: as much of its value as still makes sense is kept. */
export function withOperator(matcher: Matcher, op: Operator): Matcher {
  return { ...matcher, op, value: valueFor(op, textOf(matcher)) };
}

/** A matcher with another value, as it was typed: of "is one of" the values are set apart by commas. */
export function withText(matcher: Matcher, text: string): Matcher {
  return { ...matcher, value: valueFor(matcher.op, text) };
}

function valueFor(op: Operator, text: string): Matcher["value"] {
  switch (op) {
    case "exists":
      return text !== "false";
    case "in":
      return text
        .split(",")
        .map((each) => each.trim())
        .filter((each) => each !== "");
    default:
      return text;
  }
}

/** The value as it is typed. */
export function textOf(matcher: Matcher): string {
  const { value } = matcher;
  if (typeof value === "boolean") {
    return value ? "true" : "false";
  }
  return typeof value === "string" ? value : value.join(", ");
}

/** A matcher in words: "host is one of a, b". */
export function inWords(matcher: Matcher): string {
  if (matcher.op === "exists") {
    return `${matcher.label} ${matcher.value === false ? "does not exist" : "exists"}`;
  }
  const operator = OPERATORS.find((each) => each.value === matcher.op)?.label ?? matcher.op;
  return `${matcher.label} ${operator} ${textOf(matcher)}`;
}

/** All of them in words; none at all is everything. */
export function allInWords(matchers: readonly Matcher[]): string {
  return matchers.length === 0 ? "everything" : matchers.map(inWords).join(" and ");
}

/** The matchers that a link carries as JSON; null when it cannot be read. */
export function parseMatchers(text: string): readonly Matcher[] | null {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) && found.every(isMatcher) ? found : null;
  } catch {
    // A link that was cut: the form starts empty.
    return null;
  }
}

function isMatcher(value: unknown): value is Matcher {
  const found = value as Partial<Matcher> | null;
  const known = OPERATORS.some((each) => each.value === found?.op);
  const { value: wanted } = found ?? {};
  const sound =
    typeof wanted === "string" ||
    typeof wanted === "boolean" ||
    (Array.isArray(wanted) && wanted.every((each) => typeof each === "string"));
  return typeof found?.label === "string" && known && sound;
}
