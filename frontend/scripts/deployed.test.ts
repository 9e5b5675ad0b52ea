import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { ask, type Finding, health, needed, smoke, tell } from "./deployed.ts";

interface Page {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
type Site = Record<string, Page>;

const HTML =
  '<script type="module" src="/assets/main-1.js"></script><link href="/assets/main-2.css">';
const PAGE_HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-cache",
  "Content-Security-Policy": "default-src 'none'; script-src 'self'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};
const KEPT = "public, max-age=31536000, immutable";
const HEALTH = { status: "ok", environment: "staging", version: "1.0.0" };
const CONFIG = {
  environment: "staging",
  region: "us-east-1",
  user_pool_id: "us-east-1_a",
  user_pool_client_id: "b",
  version: "0123456789ab",
};

function site(changes: Site = {}): Site {
  return {
    "/": { headers: PAGE_HEADERS, body: HTML },
    "/alerts": { headers: PAGE_HEADERS, body: HTML },
    "/assets/main-1.js": { headers: { "Content-Type": "text/javascript", "Cache-Control": KEPT } },
    "/assets/main-2.css": { headers: { "Content-Type": "text/css", "Cache-Control": KEPT } },
    "/config.json": { headers: { "Cache-Control": "no-store" }, body: JSON.stringify(CONFIG) },
    "/api/health": { body: JSON.stringify(HEALTH) },
    "/stage/api/health": { body: JSON.stringify(HEALTH) },
    "/stage/api/alerts": {
      status: 401,
      headers: { "Content-Type": "application/problem+json" },
    },
    ...changes,
  };
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handle: Handle): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function serving(pages: Site): Promise<string> {
  return serve((request, response) => {
    const found = pages[request.url ?? ""] ?? { status: 404 };
    response.writeHead(found.status ?? 200, found.headers ?? {});
    response.end(found.body ?? "");
  });
}

async function smoked(changes: Site = {}): Promise<readonly Finding[]> {
  const origin = await serving(site(changes));
  return smoke({
    apiEndpoint: `${origin}/stage`,
    consoleUrl: `${origin}/`,
    environment: "staging",
  });
}

function failures(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(
    findings.filter((each) => !each.passed).map((each) => [each.name, each.detail]),
  );
}

describe("smoke", () => {
  test("a console that is as it should be passes", async () => {
    const findings = await smoked();
    expect(failures(findings)).toEqual({});
    expect(findings).toHaveLength(7);
  });

  test.each(
    Object.keys(PAGE_HEADERS).filter((name) => !name.startsWith("C") || /Sec|Opener/.test(name)),
  )("a page without %s fails", async (name) => {
    const headers = Object.fromEntries(
      Object.entries(PAGE_HEADERS).filter(([each]) => each !== name),
    );
    const found = failures(await smoked({ "/": { headers, body: HTML } }));
    expect(found["console page"]).toContain(name.toLowerCase());
  });

  test.each<[string, string, Page]>([
    [
      "console page",
      "/",
      { headers: { ...PAGE_HEADERS, "Cache-Control": "max-age=60" }, body: HTML },
    ],
    ["console page in depth", "/alerts", { status: 404 }],
    ["console assets", "/", { headers: PAGE_HEADERS, body: "<h1>Parked</h1>" }],
    ["console assets", "/assets/main-1.js", { status: 403 }],
    [
      "console assets",
      "/assets/main-1.js",
      { headers: { "Content-Type": "text/html", "Cache-Control": KEPT } },
    ],
    ["console assets", "/assets/main-2.css", { headers: { "Content-Type": "text/css" } }],
    [
      "console config",
      "/config.json",
      { headers: { "Cache-Control": "no-store" }, body: "<html>" },
    ],
    [
      "console config",
      "/config.json",
      {
        headers: { "Cache-Control": "no-store" },
        body: JSON.stringify({ ...CONFIG, environment: "production" }),
      },
    ],
    [
      "console config",
      "/config.json",
      {
        headers: { "Cache-Control": "no-store" },
        body: JSON.stringify({ ...CONFIG, user_pool_id: "" }),
      },
    ],
    ["console config", "/config.json", { body: JSON.stringify(CONFIG) }],
    ["api health", "/stage/api/health", { status: 502 }],
    ["api health", "/stage/api/health", { body: JSON.stringify({ ...HEALTH, status: "ill" }) }],
    [
      "api health",
      "/stage/api/health",
      { body: JSON.stringify({ ...HEALTH, environment: "production" }) },
    ],
    ["api without a token", "/stage/api/alerts", { status: 200, body: "[]" }],
    [
      "api without a token",
      "/stage/api/alerts",
      { status: 401, headers: { "Content-Type": "application/json" } },
    ],
    ["api through the console's host", "/api/health", { headers: PAGE_HEADERS, body: HTML }],
  ])("%s fails when %s answers otherwise", async (name, path, page) => {
    expect(Object.keys(failures(await smoked({ [path]: page })))).toContain(name);
  });

  test("an address where nobody is fails every check", async () => {
    const nobody = "http://127.0.0.1:9";
    const findings = await smoke({
      apiEndpoint: nobody,
      consoleUrl: nobody,
      environment: "staging",
    });
    expect(findings.every((each) => !each.passed)).toBe(true);
  });
});

describe("health", () => {
  const wanted = { environment: "staging", version: "1.0.0" };

  async function asked(bodies: object[], tries: number): Promise<[Finding, number]> {
    let pauses = 0;
    const origin = await serve((_, response) => {
      response.end(JSON.stringify(bodies.length > 1 ? bodies.shift() : bodies[0]));
    });
    const pause = async () => {
      pauses += 1;
    };
    return [await health(`${origin}/`, wanted, { tries, pause }), pauses];
  }

  test("a healthy API passes at once", async () => {
    const [finding, pauses] = await asked([HEALTH], 10);
    expect([finding.passed, finding.detail, pauses]).toEqual([true, "staging, 1.0.0", 0]);
  });

  test("the old version is waited for to go", async () => {
    const [finding, pauses] = await asked([{ ...HEALTH, version: "0.9.0" }, HEALTH], 10);
    expect([finding.passed, pauses]).toEqual([true, 1]);
  });

  test("it is not waited for for ever", async () => {
    const [finding, pauses] = await asked([{ ...HEALTH, version: "0.9.0" }], 3);
    expect([finding.passed, pauses]).toEqual([false, 2]);
    expect(finding.detail).toBe('version is "0.9.0" instead of "1.0.0" (3 tries)');
  });
});

test("a name below localhost is asked for on this machine, by its name", async () => {
  const origin = await serve((request, response) => response.end(request.headers.host));
  const { port } = new URL(origin);
  const answer = await ask(`http://console.cloudfront.localhost:${port}/`);
  expect(answer.body).toBe(`console.cloudfront.localhost:${port}`);
});

test("a redirect is an answer", async () => {
  const origin = await serving({
    "/": { status: 302, headers: { Location: "https://example.com" } },
  });
  expect((await ask(`${origin}/`)).status).toBe(302);
});

test("the exit code tells whether all passed", () => {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  expect(tell([{ name: "a", passed: true, detail: "fine" }], print)).toBe(0);
  expect(tell([{ name: "b", passed: false, detail: "502" }], print)).toBe(1);
  expect(lines).toEqual(["ok      a: fine\n", "FAILED  b: 502\n"]);
});

test("variables that are missing are named together", () => {
  expect(() => needed({ A: "1", B: "" }, "A", "B", "C")).toThrow("B, C must be set");
});
