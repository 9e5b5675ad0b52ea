import createClient, { type Middleware } from "openapi-fetch";
import type { Auth } from "~/auth/auth";
import { observe } from "./clock";
import { observeRequest } from "./observed";
import { ApiProblem, problemOf, unreachable } from "./problem";
import type { paths } from "./schema";
import { outcomeOf } from "./weather";

/** The longest that the gateway lets an answer take is 29 s. */
const TIME_LIMIT_MS = 30_000;

export type Api = ReturnType<typeof createClient<paths>>;

/**
 * Asked when the API refuses the session's token even after it was renewed: somebody has to sign in
 * again. Resolves with whether the same person did.
 */
export type OnSignedOut = () => Promise<boolean>;

type Session = Pick<Auth, "accessToken">;
type Transport = (request: Request) => Promise<Response>;

/**
 * The API's client. Every answer that is no success is thrown as ApiProblem, so that callers read
 * `data` alone. A 401 renews the token and tries once more; if that does not help the request waits
 * for somebody to sign in again, and is then sent a last time.
 */
export function createApi(
  auth: Session,
  onSignedOut: OnSignedOut,
  baseUrl = location.origin,
  transport: Transport = (request) => fetch(request),
): Api {
  const api = createClient<paths>({
    baseUrl,
    fetch: (request) => send(request, auth, onSignedOut, transport),
  });
  const throwing: Middleware = {
    async onResponse({ response }) {
      if (!response.ok) {
        throw await problemOf(response);
      }
      return undefined;
    },
  };
  api.use(throwing);
  return api;
}

async function send(
  request: Request,
  auth: Session,
  onSignedOut: OnSignedOut,
  transport: Transport,
): Promise<Response> {
  const attempt = (each: Request, token: () => Promise<string | null>) =>
    attempted(each, token, transport);
  const first = await attempt(request.clone(), () => auth.accessToken());
  if (first.status !== 401) {
    return first;
  }
  const second = await attempt(request.clone(), () => auth.accessToken(true));
  if (second.status !== 401 || !(await onSignedOut())) {
    return second;
  }
  return attempt(request, () => auth.accessToken());
}

async function attempted(
  request: Request,
  token: () => Promise<string | null>,
  transport: Transport,
): Promise<Response> {
  const done = observeRequest();
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  try {
    const answer = await transport(prepared(request, await token(), limit));
    observe(answer.headers.get("Date"), Date.now());
    done(outcomeOf(answer.status, retryAfter(answer)));
    return answer;
  } catch (error) {
    if (request.signal.aborted) {
      done({ kind: "gone" });
      throw error;
    }
    done({ kind: "unreachable" });
    throw unreachable(
      limit.aborted
        ? "No answer came within 30 seconds. Try again."
        : "Check the connection, then try again.",
    );
  }
}

function prepared(request: Request, token: string | null, limit: AbortSignal): Request {
  const headers = new Headers(request.headers);
  if (token !== null) {
    headers.set("Authorization", `Bearer ${token}`);
  }
  const signal = AbortSignal.any([request.signal, limit]);
  return new Request(request, { headers, signal });
}

function retryAfter(answer: Response): number | null {
  const seconds = Number(answer.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : null;
}

type Leaf = string | number | boolean | bigint | symbol | null | undefined;
/**
 * What the client makes of an answer's type, put right: it maps readonly arrays as if they were
 * objects (openapi-typescript-helpers' Readable knows mutable ones alone).
 */
export type Plain<T> = T extends Leaf
  ? T
  : unknown extends T
    ? T
    : T extends { readonly [x: number]: infer E; readonly length: number }
      ? readonly Plain<E>[]
      : { readonly [K in keyof T]: Plain<T[K]> };

/** The body of a success: `await body(api.GET("/api/alerts"))`. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<Plain<T>> {
  const { data } = await call;
  if (data === undefined) {
    throw new ApiProblem(0, { title: "The API's answer is empty" }, null);
  }
  return data as Plain<T>;
}
