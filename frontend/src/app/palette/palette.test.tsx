import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { createApi } from "~/api/client";
import { ApiProvider } from "~/api/context";
import { createQueryClient } from "~/api/query-client";
import { FakeAuth } from "~/auth/fake-auth";
import { type Session, SessionProvider } from "~/auth/session";
import Palette from "./palette";

const BODIES: Readonly<Record<string, object>> = {
  "/api/metrics": {
    metrics: [
      { name: "system.cpu.load", unit: "Percent", series: 1, last_seen: 1, complete: true },
    ],
    cursor: null,
  },
  "/api/alerts": {
    alerts: [{ id: "a1", name: "CPU <b>high</b>", severity: "high", metric: "system.cpu.load" }],
    cursor: null,
  },
  "/api/dashboards": { dashboards: [{ id: "d1", name: "Hosts" }], limit: 100, cursor: null },
};

function open(role: Session["role"] = "editor") {
  const auth = new FakeAuth();
  const asked: string[] = [];
  const transport = async (request: Request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    return new Response(JSON.stringify(BODIES[pathname]), {
      headers: { "Content-Type": "application/json" },
    });
  };
  const session: Session = {
    auth,
    email: "a@example.com",
    id: "u1",
    tenant: "acme",
    role,
    environment: "local",
    version: "1",
  };
  let closed = 0;
  const root = createRootRoute({
    component: () => (
      <Palette
        onClose={() => {
          closed += 1;
        }}
        onShortcuts={() => undefined}
      />
    ),
  });
  const paths = ["/", "/explore", "/alerts", "/alerts/$id", "/members"];
  const children = paths.map((path) => createRoute({ getParentRoute: () => root, path }));
  const router = createRouter({
    routeTree: root.addChildren(children),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  const api = createApi(auth, async () => false, "http://skafu.example", transport);
  const view = render(
    <QueryClientProvider client={createQueryClient()}>
      <ApiProvider api={api}>
        <SessionProvider session={session}>
          <RouterProvider router={router as never} />
        </SessionProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return { asked, router, view, closes: () => closed };
}

const input = () => screen.findByRole("combobox");
const option = (name: RegExp) => screen.findByRole("option", { name });
const options = () => screen.getAllByRole("option").map((each) => each.textContent);

describe("the palette", () => {
  beforeEach(() => {
    sessionStorage.clear();
    // What the document of these tests lacks.
    HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
      this.open = true;
    };
    HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
      this.open = false;
    };
    Element.prototype.scrollIntoView ??= () => undefined;
  });

  it("offers pages and commands before anything is typed, and asks the API nothing", async () => {
    const { asked } = open();
    await input();
    expect(options()).toContain("Exploreg then m");
    expect(options().some((each) => each?.startsWith("Audit"))).toBe(false);
    expect(asked).toEqual([]);
  });

  it("finds alerts and metrics by letters of their names; markup in them is text", async () => {
    open();
    await userEvent.type(await input(), "cpu");
    expect((await option(/CPU <b>high<\/b>/)).querySelector("b")).toBeNull();
    await option(/system\.cpu\.load/);
  });

  it("goes where the arrows lead, by Enter", async () => {
    const { router, closes } = open();
    await userEvent.type(await input(), "cpu");
    await option(/system\.cpu\.load/);
    await userEvent.keyboard("{ArrowDown}{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/explore"));
    expect(router.state.location.search).toEqual({ last: 3_600, metric: "system.cpu.load" });
    expect(closes()).toBe(1);
  });

  it("offers first what was opened last", async () => {
    const before = open();
    await userEvent.type(await input(), "CPU high");
    await userEvent.click(await option(/CPU <b>/));
    await waitFor(() => expect(before.router.state.location.pathname).toBe("/alerts/a1"));
    before.view.unmount();
    open();
    await input();
    expect(options()[0]).toContain("CPU <b>high</b>");
  });

  it("hands what it cannot find to the alerts' own search", async () => {
    const { router } = open();
    await userEvent.type(await input(), "zzz");
    await userEvent.click(await option(/Search all alerts for zzz/));
    await waitFor(() => expect(router.state.location.search).toEqual({ name: "zzz" }));
  });
});
