import { observe } from "~/api/clock";

export interface PasswordPolicy {
  /** At least so many characters. */
  readonly length: number;
  readonly symbols: boolean;
}

/** What differs from stack to stack, read once from /config.json at start: one build serves every environment. */
export interface Config {
  readonly environment: string;
  readonly region: string;
  readonly user_pool_id: string;
  readonly user_pool_client_id: string;
  /** Only in the embedded AWS, whose Cognito has an address of its own. */
  readonly cognito_endpoint?: string;
  readonly self_sign_up: boolean;
  /** The pool's rules, as far as they differ; Cognito tells the rest. */
  readonly password?: PasswordPolicy;
  readonly version: string;
}

const STRINGS = [
  "environment",
  "region",
  "user_pool_id",
  "user_pool_client_id",
  "version",
] as const;

/** Reads the document. Throws an Error that names the field which is missing or of the wrong type. */
export function parseConfig(document: unknown): Config {
  if (typeof document !== "object" || document === null) {
    throw new Error("config.json is no JSON object");
  }
  const found = document as Record<string, unknown>;
  for (const name of STRINGS) {
    if (typeof found[name] !== "string" || found[name] === "") {
      throw new Error(`config.json lacks ${name}`);
    }
  }
  const endpoint = found.cognito_endpoint;
  if (endpoint !== undefined && typeof endpoint !== "string") {
    throw new Error("config.json: cognito_endpoint is no string");
  }
  const { password, ...others } = found;
  const policy = password === undefined ? {} : { password: policyOf(password) };
  return { ...others, ...policy, self_sign_up: found.self_sign_up === true } as Config;
}

function policyOf(found: unknown): PasswordPolicy {
  const { length, symbols } = (found ?? {}) as Partial<PasswordPolicy>;
  if (typeof length !== "number" || typeof symbols !== "boolean") {
    throw new Error("config.json: password has no length, or no symbols");
  }
  return { length, symbols };
}

/** Fetches it. Throws an Error with a sentence for people when it cannot be had. */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-store" });
  observe(answer.headers.get("Date"), Date.now());
  if (!answer.ok) {
    throw new Error(`config.json cannot be fetched (${answer.status})`);
  }
  return parseConfig(await answer.json());
}
