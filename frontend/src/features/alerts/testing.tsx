import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { configure, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import type { Api } from "~/api/client";
import { ApiProvider } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import type { Auth } from "~/auth/auth";
import { type Role, SessionProvider } from "~/auth/session";
import { ToastBar, ToastsProvider } from "~/ui/toasts";
import type { Alert, Instance } from "./model";

// Whole pages are drawn, on machines that do other things, too.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 15_000 });

/** For tests of this area's pages: an API that answers from a table, and all that stands around a page. */

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly header: Readonly<Record<string, string>>;
}

type Answer = (call: Call) => unknown;

/** Answers by "GET /api/alerts/{id}"; what no answer is there for is refused loudly. Thrown problems are refusals. */
export function fakeApi(answers: Readonly<Record<string, Answer>>): { api: Api; calls: Call[] } {
  const calls: Call[] = [];
  const of =
    (method: string) =>
    async (path: string, options: Options = {}) => {
      const { query = {}, header = {} } = options.params ?? {};
      const call = { method, path, query, header, body: options.body };
      calls.push(call);
      const answer = answers[`${method} ${path}`];
      if (answer === undefined) {
        throw new ApiProblem(404, { title: `Nothing answers ${method} ${path}` }, null);
      }
      return { data: await answer(call) };
    };
  const api = { GET: of("GET"), POST: of("POST"), PUT: of("PUT"), DELETE: of("DELETE") };
  return { api: api as unknown as Api, calls };
}

interface Options {
  readonly params?: {
    readonly query?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, string>>;
  };
  readonly body?: unknown;
}

export function refused(status: number, document: Readonly<Record<string, unknown>>): ApiProblem {
  return new ApiProblem(status, document, null);
}

/** Shows a page as the console would, at a path of its own, to somebody with a role. */
export function show(
  page: ReactNode,
  api: Api,
  options: { path?: string; at?: string; role?: Role } = {},
) {
  const { path = "/alerts", at = path, role = "editor" } = options;
  const root = createRootRoute();
  const router = createRouter({
    routeTree: root.addChildren([
      createRoute({ getParentRoute: () => root, path, component: () => page }),
      createRoute({ getParentRoute: () => root, path: "$", component: () => <p>elsewhere</p> }),
    ]),
    history: createMemoryHistory({ initialEntries: [at] }),
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const session = {
    auth: {} as Auth,
    email: "me@example.com",
    id: "me",
    tenant: "acme",
    role,
    environment: "local",
    version: "test",
  };
  render(
    <QueryClientProvider client={client}>
      <ApiProvider api={api}>
        <SessionProvider session={session}>
          <ToastsProvider>
            <ToastBar />
            <RouterProvider router={router as never} />
          </ToastsProvider>
        </SessionProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return { router, client };
}

export function instanceOf(changes: Partial<Instance> = {}): Instance {
  return {
    tags: { host: "a" },
    state: "OK",
    since: 1_700_000_000_000,
    value: 1,
    severity: null,
    acknowledged_by: null,
    acknowledged_at: null,
    assignee: null,
    ...changes,
  };
}

export function alertOf(changes: Partial<Alert> = {}): Alert {
  return {
    id: "a1",
    version: 3,
    created_at: 1_700_000_000_000,
    edited_at: 1_700_000_000_000,
    instances: [],
    more_instances: false,
    name: "CPU is busy",
    type: "metric",
    metric: "cpu.load",
    statistic: "avg",
    period: 60,
    filters: [],
    group_by: [],
    comparison: ">",
    threshold: 80,
    lower: null,
    upper: null,
    recovery: null,
    levels: [],
    transform: null,
    condition: null,
    no_data_for: null,
    evaluation_periods: 3,
    datapoints_to_alarm: 2,
    missing_data: "missing",
    hold: true,
    keep_firing: 0,
    lateness: 300,
    grace: 30,
    severity: "high",
    cooldown: 0,
    channels: [],
    labels: {},
    description: "",
    runbook_url: null,
    ...changes,
  } as Alert;
}
