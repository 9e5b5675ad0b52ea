import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, body } from "~/api/client";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import type { components } from "~/api/schema";
import { type Content, contentOf, type Dashboard, dashboardOf, requestOf } from "./model";
import { isReadyMade, READY_MADE } from "./ready-made";

export type Row = components["schemas"]["DashboardRow"];
export type Version = components["schemas"]["DashboardVersionOut"];

/** The most that a page of the list may hold: a tenant has fewer. */
const PAGE = "1000";

/** All dashboards of the tenant, in the order of their names. */
export function useDashboards() {
  const api = useApi();
  return useQuery({
    queryKey: ["dashboards", "list"],
    queryFn: ({ signal }) => allRows(api, signal),
  });
}

async function allRows(api: Api, signal: AbortSignal): Promise<{ rows: Row[]; limit: number }> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  for (;;) {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await body(api.GET("/api/dashboards", { params: { query }, signal }));
    rows.push(...page.dashboards);
    if (page.cursor === null) {
      return { rows, limit: page.limit };
    }
    cursor = page.cursor;
  }
}

/** What the address names: a stored dashboard, or one that comes with the console (no version yet). */
export type Opened =
  | { readonly stored: Dashboard; readonly content: Content }
  | { readonly stored: null; readonly content: Content };

export function useDashboard(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["dashboards", "one", id],
    queryFn: ({ signal }): Promise<Opened> =>
      isReadyMade(id) ? Promise.resolve(readyMade(id)) : opened(api, id, signal),
    staleTime: isReadyMade(id) ? Number.POSITIVE_INFINITY : 5_000,
  });
}

function readyMade(id: string): Opened {
  const found = READY_MADE.find((each) => each.id === id);
  if (found === undefined) {
    const detail = "No ready-made dashboard has this name. Look for one in the list.";
    throw new ApiProblem(404, { title: "Not Found", detail }, null);
  }
  return { stored: null, content: found.content };
}

async function opened(api: Api, id: string, signal?: AbortSignal): Promise<Opened> {
  const stored = dashboardOf(await read(api, id, undefined, signal));
  return { stored, content: stored.content };
}

function read(api: Api, id: string, version?: number, signal?: AbortSignal) {
  const query = version === undefined ? {} : { version: String(version) };
  return body(
    api.GET("/api/dashboards/{id}", {
      params: { path: { id }, query },
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

/** The last versions, newest first, and the number that If-Match has to name. */
export function useVersions(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["dashboards", "versions", id],
    queryFn: ({ signal }) =>
      body(api.GET("/api/dashboards/{id}/versions", { params: { path: { id } }, signal })),
  });
}

/** All that can be done with dashboards. What is done shows at once wherever dashboards are listed. */
export function useDashboardActions() {
  const api = useApi();
  const client = useQueryClient();
  const settled = (id?: string, stored?: Dashboard) => {
    if (id !== undefined && stored !== undefined) {
      client.setQueryData(["dashboards", "one", id], { stored, content: stored.content });
    }
    void client.invalidateQueries({ queryKey: ["dashboards", "list"] });
    void client.invalidateQueries({ queryKey: ["dashboards", "versions"] });
  };
  const create = useMutation({
    mutationFn: async (content: Content) =>
      dashboardOf(await body(api.POST("/api/dashboards", { body: requestOf(content) }))),
    onSuccess: (stored) => settled(stored.id, stored),
  });
  const save = useMutation({
    mutationFn: async (asked: { id: string; version: number; content: Content }) => {
      const params = { path: { id: asked.id }, header: { "If-Match": etag(asked.version) } };
      const request = { params, body: requestOf(asked.content) };
      return dashboardOf(await body(api.PUT("/api/dashboards/{id}", request)));
    },
    onSuccess: (stored) => settled(stored.id, stored),
  });
  const remove = useMutation({
    mutationFn: async (id: string) => {
      await api.DELETE("/api/dashboards/{id}", { params: { path: { id } } });
    },
    onSuccess: () => settled(),
  });
  const restore = useMutation({
    mutationFn: async (asked: { id: string; wanted: number; version: number }) => {
      const params = { path: { id: asked.id }, header: { "If-Match": etag(asked.version) } };
      const request = { params, body: { version: asked.wanted } };
      return dashboardOf(await body(api.POST("/api/dashboards/{id}/restore", request)));
    },
    onSuccess: (stored) => settled(stored.id, stored),
  });
  return {
    create,
    save,
    remove,
    restore,
    /** A dashboard that was deleted, once no page shows it any more: that would ask for it again. */
    forget: (id: string) => client.removeQueries({ queryKey: ["dashboards", "one", id] }),
    /** What is stored under the id: to copy or to export it from the list. */
    read: async (id: string, version?: number): Promise<Content> =>
      contentOf(await read(api, id, version)),
  };
}

function etag(version: number): string {
  return `"${version}"`;
}

/** What is stored now, as a refusal for an old version tells it (412); null for any other error. */
export function storedNow(error: unknown): Dashboard | null {
  if (!(error instanceof ApiProblem) || error.status !== 412) {
    return null;
  }
  const current = error.document.current;
  return typeof current === "object" && current !== null
    ? dashboardOf(current as components["schemas"]["DashboardOut"])
    : null;
}
