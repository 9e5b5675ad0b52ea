/**
 * What a deployed console and API have to answer, seen from outside: no account, no sign-in. smoke.ts and
 * health.ts run it; the addresses are their environment variables.
 */
import { request as http } from "node:http";
import { request as https } from "node:https";

export interface Answer {
  readonly status: number;
  /** Names are lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks once. Rejects when there is no answer. */
export type Ask = (url: string) => Promise<Answer>;

export interface Finding {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** What a check found wrong; its message says what was seen. */
class Wrong extends Error {}

const WAIT_MS = 10_000;

/** Asks for an address; redirects are answers. Browsers find <name>.localhost on their own machine, resolvers need not. */
export const ask: Ask = (url) => {
  const { protocol, hostname, port, pathname, search, host } = new URL(url);
  const isHere = hostname.endsWith(".localhost");
  const options = {
    hostname: isHere ? "127.0.0.1" : hostname,
    port,
    path: pathname + search,
    headers: { Host: host, Accept: "*/*", "User-Agent": "skafu" },
    signal: AbortSignal.timeout(WAIT_MS),
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const asked = (protocol === "https:" ? https : http)(options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const body = Buffer.concat(parts).toString("utf-8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
};

/** Headers of the console's pages, and what each begins with (template.yaml, ConsoleHeaders). */
const PAGE_HEADERS = {
  "content-security-policy": "default-src 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;
/** And where it is served over TLS. */
const SECURE_HEADERS = { "strict-transport-security": "max-age=" } as const;
const ASSET = /"(\/assets\/[^"]+)"/g;

function expect(isRight: boolean, detail: string): void {
  if (!isRight) {
    throw new Wrong(detail);
  }
}

async function get(url: string, by: Ask, status = 200): Promise<Answer> {
  const answer = await by(url);
  expect(answer.status === status, `GET ${url}: ${answer.status}`);
  return answer;
}

function header(answer: Answer, name: string): string {
  return String(answer.headers[name] ?? "");
}

function parsed(answer: Answer, what: string): Record<string, unknown> {
  try {
    return JSON.parse(answer.body) as Record<string, unknown>;
  } catch {
    throw new Wrong(`${what} is not JSON`);
  }
}

/** What health has to say; what is undefined is not looked at. */
export interface Wanted {
  readonly environment?: string | undefined;
  readonly version?: string | undefined;
}

/** GET <base>/api/health says "ok", of this environment and this version. Rejects otherwise. */
export async function healthy(base: string, wanted: Wanted, by: Ask): Promise<string> {
  const said = parsed(await get(`${base}/api/health`, by), "health");
  expect(said.status === "ok", `health says ${JSON.stringify(said.status)}`);
  for (const name of ["environment", "version"] as const) {
    const value = wanted[name];
    expect(
      value === undefined || said[name] === value,
      `${name} is ${JSON.stringify(said[name])} instead of ${JSON.stringify(value)}`,
    );
  }
  return `${String(said.environment)}, ${String(said.version)}`;
}

async function page(url: string, by: Ask): Promise<string> {
  const answer = await get(url, by);
  const wanted = { ...PAGE_HEADERS, ...(url.startsWith("https:") ? SECURE_HEADERS : {}) };
  const wrong = Object.entries(wanted).filter(
    ([name, begin]) => !header(answer, name).startsWith(begin),
  );
  expect(
    wrong.length === 0,
    `headers that are missing, or say something else: ${wrong.map(([name]) => name).join(", ")}`,
  );
  expect(header(answer, "content-type").startsWith("text/html"), "the page is not HTML");
  expect(header(answer, "cache-control") === "no-cache", "the page may be kept");
  return answer.body;
}

async function assets(origin: string, by: Ask): Promise<string> {
  const index = (await get(`${origin}/`, by)).body;
  const names = [...new Set([...index.matchAll(ASSET)].map((found) => found[1] ?? ""))];
  expect(names.length > 0, "the page is none of the console's: it names no assets");
  const answers = await Promise.all(names.map((name) => get(origin + name, by)));
  for (const [place, answer] of answers.entries()) {
    const name = names[place] ?? "";
    const kind = name.endsWith(".css") ? "text/css" : "text/javascript";
    expect(
      /\.(css|js)$/.test(name) ? header(answer, "content-type").startsWith(kind) : true,
      `${name} is ${header(answer, "content-type")}`,
    );
    expect(header(answer, "cache-control").includes("immutable"), `${name} is not kept`);
  }
  return `${names.length} files`;
}

async function config(origin: string, environment: string, by: Ask): Promise<string> {
  const answer = await get(`${origin}/config.json`, by);
  const said = parsed(answer, "config.json");
  expect(said.environment === environment, `config.json is of ${JSON.stringify(said.environment)}`);
  const lacking = ["region", "user_pool_id", "user_pool_client_id", "version"].filter(
    (name) => !said[name],
  );
  expect(lacking.length === 0, `config.json lacks ${lacking.join(", ")}`);
  expect(header(answer, "cache-control") === "no-store", "config.json may be kept");
  return `console ${String(said.version)}`;
}

/** Nobody without a token gets in, and hears so in the API's own words. */
async function guarded(base: string, by: Ask): Promise<string> {
  const answer = await get(`${base}/api/alerts`, by, 401);
  const kind = header(answer, "content-type");
  expect(kind.startsWith("application/problem+json"), `a refusal is ${kind}`);
  return "401";
}

export interface Deployed {
  readonly apiEndpoint: string;
  readonly consoleUrl: string;
  readonly environment: string;
}

/** Everything that can be seen without signing in, each check whatever came of the others. */
export async function smoke(deployed: Deployed, by: Ask = ask): Promise<readonly Finding[]> {
  const origin = deployed.consoleUrl.replace(/\/+$/, "");
  const api = deployed.apiEndpoint.replace(/\/+$/, "");
  const { environment } = deployed;
  const checks: readonly (readonly [string, () => Promise<string>])[] = [
    ["api health", () => healthy(api, { environment }, by)],
    ["api without a token", () => guarded(api, by)],
    ["console page", async () => `${(await page(`${origin}/`, by)).length} characters`],
    [
      "console page in depth",
      async () => `${(await page(`${origin}/alerts`, by)).length} characters`,
    ],
    ["console assets", () => assets(origin, by)],
    ["console config", () => config(origin, environment, by)],
    ["api through the console's host", () => healthy(origin, { environment }, by)],
  ];
  return Promise.all(
    checks.map(async ([name, check]) => {
      try {
        return { name, passed: true, detail: await check() };
      } catch (error) {
        return {
          name,
          passed: false,
          detail: error instanceof Error ? error.message : String(error),
        };
      }
    }),
  );
}

export interface Patience {
  readonly tries: number;
  readonly pause: () => Promise<void>;
}

/** Health, asked again as long as there are tries: an alias and a cache take their time. */
export async function health(
  apiEndpoint: string,
  wanted: Wanted,
  patience: Patience,
  by: Ask = ask,
): Promise<Finding> {
  const base = apiEndpoint.replace(/\/+$/, "");
  let detail = "never asked";
  for (let tried = 1; tried <= patience.tries; tried += 1) {
    try {
      return { name: "api health", passed: true, detail: await healthy(base, wanted, by) };
    } catch (error) {
      detail = error instanceof Error ? error.message : String(error);
    }
    if (tried < patience.tries) {
      await patience.pause();
    }
  }
  return { name: "api health", passed: false, detail: `${detail} (${patience.tries} tries)` };
}

/** Prints what was found; the exit code. */
export function tell(findings: readonly Finding[], print: (line: string) => void): number {
  for (const { name, passed, detail } of findings) {
    print(`${passed ? "ok    " : "FAILED"}  ${name}: ${detail}\n`);
  }
  return findings.every((each) => each.passed) ? 0 : 1;
}

/** Variables of the environment that have to be set. Throws naming those that are not. */
export function needed<Name extends string>(
  variables: Readonly<Record<string, string | undefined>>,
  ...names: readonly Name[]
): Record<Name, string> {
  const missing = names.filter((name) => !variables[name]);
  if (missing.length > 0) {
    throw new Error(`${missing.join(", ")} must be set`);
  }
  return Object.fromEntries(names.map((name) => [name, variables[name]])) as Record<Name, string>;
}
