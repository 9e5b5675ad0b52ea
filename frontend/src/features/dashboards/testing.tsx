import type { ReactNode } from "react";
import type { Role } from "~/auth/session";
import { type Call, fakeApi, refused, show } from "~/features/alerts/testing";
import type { Panel } from "./model";

/** For tests of this area's pages: dashboards that are stored, and an API that keeps them. */

export { refused };

type Stored = Readonly<Record<string, unknown>> & { readonly version: number };

export function panelOf(id: string, change: Partial<Panel> = {}): Panel {
  return {
    ...{ id, title: id, type: "stat", x: 0, y: 0, w: 3, h: 2 },
    queries: [{ id: "a", metric: `metric.${id}` }],
    thresholds: [],
    ...change,
  };
}

export function storedOf(change: Readonly<Record<string, unknown>> = {}): Stored {
  return {
    ...{ id: "d1", version: 3, created_at: 1, updated_at: 1_700_000_000_000, updated_by: "bob" },
    ...{ name: "Hosts <b>&</b>", description: "", range: { last: 3600 }, variables: [] },
    panels: [panelOf("cpu"), panelOf("mem", { x: 3 })],
    ...change,
  };
}

/** An API that keeps one dashboard; what is saved for an old version is refused as the real one does. */
export function dashboardApi(
  first: Stored = storedOf(),
  answers: Readonly<Record<string, (call: Call) => unknown>> = {},
) {
  const state = { stored: first };
  const made = fakeApi({
    "GET /api/dashboards": () => {
      const { panels, ...row } = state.stored;
      return { dashboards: [{ ...row, panels: (panels as []).length }], limit: 500, cursor: null };
    },
    "GET /api/dashboards/{id}": () => state.stored,
    "PUT /api/dashboards/{id}": ({ header, body }) => {
      if (header["If-Match"] !== `"${state.stored.version}"`) {
        throw refused(412, { title: "Precondition Failed", current: state.stored });
      }
      const version = state.stored.version + 1;
      state.stored = { ...state.stored, ...(body as object), version };
      return state.stored;
    },
    "POST /api/dashboards": ({ body }) => ({ ...storedOf(), ...(body as object), id: "d2" }),
    "DELETE /api/dashboards/{id}": () => null,
    "GET /api/alerts": () => ({ alerts: [], cursor: null }),
    "GET /api/metrics/tags/{key}": () => ({ values: [], complete: true, cursor: null }),
    "POST /api/metrics/query": ({ body }) => answerTo(body as Asked),
    ...answers,
  });
  const sent = (name: string) =>
    made.calls.filter((each) => `${each.method} ${each.path}` === name);
  return { ...made, state, sent };
}

export interface Asked {
  readonly queries: readonly { readonly id: string; readonly metric: string }[];
}

function answerTo(asked: Asked) {
  const series = [{ tags: {}, unit: "Percent", timestamps: [60_000, 120_000], values: [11, 42] }];
  const results = asked.queries.map(({ id }) => ({ id, period: 60, series, resolution: "points" }));
  return { results, warnings: [], cursor: null };
}

/** Shows a page; `at` is the address, `path` the pattern that it belongs to. */
export function open(
  page: ReactNode,
  api: ReturnType<typeof dashboardApi>["api"],
  options: { at: string; path: string; role?: Role },
) {
  return show(page, api, options);
}
