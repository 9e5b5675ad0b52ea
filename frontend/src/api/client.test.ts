import { describe, expect, it } from "vitest";
import { FakeAuth } from "~/auth/fake-auth";
import { body, createApi } from "./client";
import { ApiProblem } from "./problem";

const ME = { id: "u1", tenant: "acme" };

/** An API that answers with these statuses, one after the other, and remembers what it was sent. */
function serve(...statuses: number[]) {
  const requests: { token: string | null; text: string }[] = [];
  const transport = async (request: Request): Promise<Response> => {
    const token = request.headers.get("Authorization");
    requests.push({ token, text: await request.text() });
    const status = statuses.shift() ?? 200;
    return new Response(JSON.stringify(status < 400 ? ME : { title: "No", detail: "Why not." }), {
      status,
      headers: { "Content-Type": "application/json", "Retry-After": "7" },
    });
  };
  return { requests, transport };
}

function api(server: ReturnType<typeof serve>, again = async () => false) {
  const auth = new FakeAuth();
  return { auth, api: createApi(auth, again, "http://skafu.example", server.transport) };
}

describe("the API's client", () => {
  it("sends the token and returns the body", async () => {
    const server = serve();
    expect(await body(api(server).api.GET("/api/me"))).toEqual(ME);
    expect(server.requests[0]?.token).toBe("Bearer token");
  });

  it("throws what the API refuses, with its sentence and when to try again", async () => {
    const problem = await body(api(serve(429)).api.GET("/api/me")).catch((error) => error);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect([problem.status, problem.message, problem.retryAfter]).toEqual([429, "Why not.", 7]);
  });

  it("renews the token after a 401, once", async () => {
    const server = serve(401);
    const made = api(server);
    expect(await body(made.api.GET("/api/me"))).toEqual(ME);
    expect(made.auth.asked).toEqual(["token", "renew"]);
  });

  it("waits for a new sign-in when that does not help, and sends the same again", async () => {
    const server = serve(401, 401);
    let asked = 0;
    const made = api(server, async () => {
      asked += 1;
      return true;
    });
    const sent = { email: "a@example.com", name: null, role: "viewer" } as const;
    await made.api.POST("/api/members", { body: sent });
    expect(asked).toBe(1);
    expect(server.requests.map((each) => JSON.parse(each.text))).toEqual([sent, sent, sent]);
  });

  it("does not send again what belongs to somebody else", async () => {
    const server = serve(401, 401);
    const problem = await body(api(server).api.GET("/api/me")).catch((error) => error);
    expect(problem.status).toBe(401);
    expect(server.requests).toHaveLength(2);
  });

  it("asks once more only: what is refused then is a problem", async () => {
    const server = serve(401, 401, 401);
    const made = api(server, async () => true);
    const problem = await body(made.api.GET("/api/me")).catch((error) => error);
    expect([problem.status, server.requests.length]).toEqual([401, 3]);
  });

  it("tells when nothing answers", async () => {
    const transport = async () => {
      throw new TypeError("Failed to fetch");
    };
    const made = createApi(new FakeAuth(), async () => false, "http://skafu.example", transport);
    const problem = await body(made.GET("/api/me")).catch((error) => error);
    expect([problem.status, problem.title]).toEqual([0, "The API cannot be reached"]);
  });

  it("does not take a page that went away for trouble", async () => {
    const stop = new AbortController();
    const transport = async (request: Request): Promise<Response> => {
      stop.abort();
      throw request.signal.reason;
    };
    const made = createApi(new FakeAuth(), async () => false, "http://skafu.example", transport);
    const error = await body(made.GET("/api/me", { signal: stop.signal })).catch((each) => each);
    expect(error).not.toBeInstanceOf(ApiProblem);
  });
});
