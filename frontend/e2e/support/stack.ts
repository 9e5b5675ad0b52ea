import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What `make up` tells of the running system. */
export interface Stack {
  readonly api_url: string;
  readonly token_url: string;
  readonly machine_client_id: string;
  readonly machine_client_secret: string;
  readonly username: string;
  readonly password: string;
  readonly users: readonly {
    readonly username: string;
    readonly password: string;
    readonly role: string | null;
  }[];
}

const FILE =
  process.env.STACK_FILE ?? fileURLToPath(new URL("../../../.local/stack.json", import.meta.url));

export const stack = JSON.parse(readFileSync(FILE, "utf-8")) as Stack;

export type Person = "admin" | "viewer" | "outsider";

/** Who signs in as this. */
export function login(person: Person): { readonly username: string; readonly password: string } {
  const found = stack.users.find((each) => each.username.startsWith(`${person}@`));
  if (found === undefined) {
    throw new Error(`the stack knows no ${person}`);
  }
  return found;
}

/** Where a person's signed-in browser state is kept for the journeys. */
export function stateFile(person: Person): string {
  return fileURLToPath(new URL(`../../test-results/state-${person}.json`, import.meta.url));
}
