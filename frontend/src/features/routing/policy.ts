import type { components } from "~/api/schema";

export type Route = components["schemas"]["NotificationRoute"];
export type Step = components["schemas"]["EscalationStep"];

/** A further route begins like this: nothing is taken until it says what. */
export const NEW_ROUTE: Route = {
  name: "",
  matchers: [{ label: "severity", op: "in", value: ["critical", "high"] }],
  channels: [],
  group_by: null,
  wait: 10,
  interval: 300,
  repeat: 14_400,
  steps: [],
  proceed: false,
};

/** The routes with one of them a place further up (-1) or down (1); at the edge they stay. */
export function moved(routes: readonly Route[], index: number, by: -1 | 1): readonly Route[] {
  const other = index + by;
  const [one, two] = [routes[index], routes[other]];
  if (one === undefined || two === undefined) {
    return routes;
  }
  return routes.map((each, at) => (at === index ? two : at === other ? one : each));
}

/** The routes with this one in its place, or at the end. */
export function placed(
  routes: readonly Route[],
  index: number | null,
  route: Route,
): readonly Route[] {
  return index === null
    ? [...routes, route]
    : routes.map((each, at) => (at === index ? route : each));
}

/** The first route, by its place, that can never be reached: one before it takes everything. Null: none. */
export function unreachable(routes: readonly Route[]): number | null {
  const greedy = routes.findIndex((each) => (each.matchers ?? []).length === 0 && !each.proceed);
  return greedy >= 0 && greedy < routes.length - 1 ? greedy + 1 : null;
}

/** Labels as they are typed, "severity=critical host=a" (a line or a space between), or null if they cannot be read. */
export function parseLabels(text: string): Readonly<Record<string, string>> | null {
  const found: Record<string, string> = {};
  for (const part of text.split(/[\s,]+/).filter((each) => each !== "")) {
    const at = part.indexOf("=");
    if (at < 1) {
      return null;
    }
    found[part.slice(0, at)] = part.slice(at + 1);
  }
  return found;
}
