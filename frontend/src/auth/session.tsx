import { createContext, type ReactNode, useContext } from "react";
import type { Auth } from "./auth";

/** Who is signed in, as the API knows them. */
export interface Session {
  readonly auth: Auth;
  readonly email: string;
  readonly id: string;
  readonly tenant: string;
  readonly role: Role;
  readonly environment: string;
  readonly version: string;
}

export type Role = "viewer" | "editor" | "admin";

const RANK: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, admin: 2 };

/** Why the role may not do what needs another one; null when it may. For `disabledReason` of buttons. */
export function refusal(role: Role, needed: Role): string | null {
  if (RANK[role] >= RANK[needed]) {
    return null;
  }
  const who = needed === "admin" ? "an admin" : "an editor";
  return `You are ${role === "admin" ? "an" : "a"} ${role}. Ask ${who} to do this.`;
}

const Current = createContext<Session | null>(null);

export function SessionProvider(props: { session: Session; children: ReactNode }) {
  return <Current value={props.session}>{props.children}</Current>;
}

/** The session; only below SessionProvider. */
export function useSession(): Session {
  const session = useContext(Current);
  if (session === null) {
    throw new Error("useSession needs a SessionProvider above it");
  }
  return session;
}

/** Why the signed-in person may not do this; null when they may. */
export function useRefusal(needed: Role): string | null {
  return refusal(useSession().role, needed);
}
