import { stack } from "./stack";

let token: Promise<string> | null = null;

async function machineToken(): Promise<string> {
  const basic = btoa(`${stack.machine_client_id}:${stack.machine_client_secret}`);
  const answer = await fetch(stack.token_url, {
    method: "POST",
    headers: {
      Authorization: `Basic ${basic}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Asks the deployed API as the demo's machine client. Throws when it refuses. */
export async function ask<T>(
  method: string,
  path: string,
  document?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  token ??= machineToken();
  const answer = await fetch(`${stack.api_url}${path}`, {
    method,
    headers: { Authorization: await token, "Content-Type": "application/json", ...headers },
    ...(document === undefined ? {} : { body: JSON.stringify(document) }),
  });
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** Sends values, the last one now, `step` seconds apart. */
export async function send(
  name: string,
  values: readonly number[],
  options: { step?: number; tags?: Record<string, string>; unit?: string } = {},
): Promise<void> {
  const { step = 10, tags = {}, unit } = options;
  const end = Date.now();
  const metrics = values.map((value, index) => ({
    name,
    value,
    timestamp: end - (values.length - 1 - index) * step * 1000,
    tags,
    ...(unit === undefined ? {} : { unit }),
  }));
  await ask("POST", "/api/metrics", { metrics });
}

/** A name that no other run has used. */
export function unique(name: string): string {
  return `${name}-${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;
}
