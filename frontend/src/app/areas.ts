import type { Role } from "~/auth/session";

/** The console's pages, as the navigation, the keyboard and the command palette offer them. */
export interface Area {
  readonly path: string;
  readonly label: string;
  /** Pressed after `g`. */
  readonly key: string;
  readonly group: "watch" | "page" | "manage";
  /** Only admins can read what is there. */
  readonly admin?: boolean;
}

export const AREAS: readonly Area[] = [
  { path: "/", label: "Home", key: "h", group: "watch" },
  { path: "/explore", label: "Explore", key: "m", group: "watch" },
  { path: "/dashboards", label: "Dashboards", key: "d", group: "watch" },
  { path: "/alerts", label: "Alerts", key: "a", group: "page" },
  { path: "/silences", label: "Silences", key: "s", group: "page" },
  { path: "/channels", label: "Channels", key: "c", group: "page" },
  { path: "/routing", label: "Routing", key: "r", group: "page" },
  { path: "/members", label: "Members", key: "p", group: "manage" },
  { path: "/clients", label: "Machine clients", key: "k", group: "manage", admin: true },
  { path: "/usage", label: "Usage", key: "u", group: "manage" },
  { path: "/audit", label: "Audit", key: "l", group: "manage", admin: true },
];

/** Those that the role can read. */
export function areasFor(role: Role): readonly Area[] {
  return AREAS.filter((each) => !each.admin || role === "admin");
}

/** The area that a path belongs to: /alerts/42 to Alerts. */
export function areaOf(path: string): Area | undefined {
  return AREAS.find(
    (each) => path === each.path || (each.path !== "/" && path.startsWith(`${each.path}/`)),
  );
}
