import type { Role } from "~/auth/session";

export const ROLES: readonly Role[] = ["viewer", "editor", "admin"];

/** What an admin can do to a member: give a role, or one of these. */
export type Action = Role | "disable" | "enable" | "invite" | "remove";

/** As much of a member as decides what can be done to them. */
interface Standing {
  readonly role: Role;
  readonly status: "invited" | "active" | "disabled";
}

/** What makes sense for this member now. */
export function actionsOf(member: Standing): readonly Action[] {
  const roles = ROLES.filter((role) => role !== member.role);
  switch (member.status) {
    case "active":
      return [...roles, "disable"];
    case "invited":
      return ["invite", "remove"];
    case "disabled":
      return ["enable", "remove"];
  }
}

const SENTENCES: Readonly<Record<Action, string>> = {
  viewer: "Make a viewer",
  editor: "Make an editor",
  admin: "Make an admin",
  disable: "Disable",
  enable: "Enable",
  invite: "Send the invitation again",
  remove: "Remove",
};

export function sentence(action: Action): string {
  return SENTENCES[action];
}

/** What happens when it is done, where that is worth a question; null where it is not. */
export function consequence(action: Action): string | null {
  switch (action) {
    case "disable":
      return "They are signed out everywhere within a minute and cannot sign in until they are enabled again. What they made stays.";
    case "remove":
      return "Their login is deleted. What they made stays; the audit goes on naming their id.";
    case "admin":
      return "They may then manage members, machine clients, channels and routing.";
    default:
      return null;
  }
}
