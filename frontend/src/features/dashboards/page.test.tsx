import "./browser-parts";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { DashboardPage } from "./page";
import { type Asked, dashboardApi, open, panelOf, refused, storedOf } from "./testing";

const PATH = "/dashboards/$id";
const VIEW = { path: PATH, at: "/dashboards/d1" };
const EDIT = { path: PATH, at: "/dashboards/d1?edit=true" };

beforeEach(() => sessionStorage.clear());

describe("a dashboard", () => {
  it("shows its panels' numbers, and markup as text", async () => {
    const { api } = dashboardApi(storedOf({ panels: [panelOf("cpu", { title: "<i>CPU</i>" })] }));
    open(<DashboardPage />, api, VIEW);
    expect(await screen.findByRole("heading", { level: 1, name: "Hosts <b>&</b>" })).toBeTruthy();
    const panel = await screen.findByRole("region", { name: "<i>CPU</i>" });
    expect(await within(panel).findByText(/^42/)).toBeTruthy();
  });

  it("lives on where one panel fails, which tells why", async () => {
    const { api } = dashboardApi(storedOf(), {
      "POST /api/metrics/query": ({ body }) => {
        if ((body as Asked).queries[0]?.metric === "metric.cpu") {
          throw refused(422, {
            title: "Unprocessable",
            detail: "the query cannot be answered",
            errors: [{ field: "queries.0.period", reason: "is too short" }],
          });
        }
        return {
          results: [{ id: "a", period: 60, series: [], resolution: "points" }],
          warnings: ["2 series are left out"],
          cursor: null,
        };
      },
    });
    open(<DashboardPage />, api, VIEW);
    const failed = await screen.findByRole("region", { name: "cpu" });
    expect(await within(failed).findByText("is too short", { exact: false })).toBeTruthy();
    const fine = screen.getByRole("region", { name: "mem" });
    expect(await within(fine).findByText("2 series are left out")).toBeTruthy();
    expect(within(fine).getByText("No data in this range.")).toBeTruthy();
  });

  it("asks with the values that the address chooses, else with the defaults", async () => {
    const filters = [
      { tag: "host", op: "=" as const, value: "$host" },
      { tag: "zone", op: "=" as const, value: "$zone" },
    ];
    const stored = storedOf({
      variables: [
        { name: "host", tag: "host", default: ["x"] },
        { name: "zone", tag: "zone", default: ["z"] },
      ],
      panels: [panelOf("cpu", { queries: [{ id: "a", metric: "cpu", filters }] })],
    });
    const { api, sent } = dashboardApi(stored);
    const vars = encodeURIComponent(JSON.stringify({ host: ["a", "b"] }));
    open(<DashboardPage />, api, { path: PATH, at: `/dashboards/d1?vars=${vars}&last=900` });
    await waitFor(() => expect(sent("POST /api/metrics/query")).toHaveLength(1));
    const body = sent("POST /api/metrics/query")[0]?.body as {
      queries: { filters: unknown }[];
      start: number;
      end: number;
    };
    expect(body.queries[0]?.filters).toEqual([
      { tag: "host", op: "in", value: ["a", "b"] },
      { tag: "zone", op: "=", value: "z" },
    ]);
    expect(body.end - body.start).toBe(900_000);
  });

  it("tells a viewer why it cannot be changed", async () => {
    const { api } = dashboardApi();
    open(<DashboardPage />, api, { ...EDIT, role: "viewer" });
    const button = await screen.findByRole("button", { name: "Edit" });
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  });

  it("that is not there is told as such", async () => {
    const { api } = dashboardApi(storedOf(), {
      "GET /api/dashboards/{id}": () => {
        throw refused(404, { title: "Not Found", detail: "there is no such dashboard" });
      },
    });
    open(<DashboardPage />, api, VIEW);
    expect(await screen.findByText("There is no such dashboard")).toBeTruthy();
  });

  it("that no ready-made one is called so is told without asking the API", async () => {
    const { api, sent } = dashboardApi();
    const place = { path: PATH, at: "/dashboards/ready-made:nothing" };
    open(<DashboardPage />, api, place);
    expect(await screen.findByText("There is no such dashboard")).toBeTruthy();
    expect(sent("GET /api/dashboards/{id}")).toEqual([]);
  });
});

describe("who edits a dashboard", () => {
  it("moves and resizes a panel by keys, hears where it is, and saves it for the version seen", async () => {
    const user = userEvent.setup();
    const { api, sent, state } = dashboardApi();
    open(<DashboardPage />, api, EDIT);
    const handle = await screen.findByRole("button", { name: "Move or resize cpu" });
    handle.focus();
    await user.keyboard("{ArrowRight}{Shift>}{ArrowDown}{/Shift}");
    expect(screen.getByText("cpu: column 2, row 1, 3 columns wide, 3 rows high")).toBeTruthy();
    expect(document.activeElement).toBe(handle);
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(state.stored.version).toBe(4));
    const [put] = sent("PUT /api/dashboards/{id}");
    expect(put?.header["If-Match"]).toBe('"3"');
    const { panels } = state.stored as unknown as { panels: unknown[] };
    expect(panels[0]).toMatchObject({ id: "cpu", x: 1, h: 3 });
  });

  it("goes back a step", async () => {
    const user = userEvent.setup();
    const { api } = dashboardApi();
    open(<DashboardPage />, api, EDIT);
    (await screen.findByRole("button", { name: "Move or resize cpu" })).focus();
    await user.keyboard("{ArrowRight}");
    expect(screen.getByText("Not saved yet.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(screen.queryByText("Not saved yet.")).toBeNull();
  });

  it("is told who saved meanwhile, and can put both together", async () => {
    const user = userEvent.setup();
    const { api, state } = dashboardApi();
    open(<DashboardPage />, api, EDIT);
    (await screen.findByRole("button", { name: "Move or resize cpu" })).focus();
    await user.keyboard("{Shift>}{ArrowDown}{/Shift}");
    state.stored = { ...state.stored, version: 7, name: "Theirs" };
    await user.click(screen.getByRole("button", { name: "Save" }));
    const dialog = await screen.findByRole("dialog", { name: /Somebody else changed/ });
    expect(dialog.textContent).toContain("bob saved version 7");
    expect(dialog.textContent).toContain("The name changed");
    expect(dialog.textContent).toContain("Panel cpu moved");
    expect(state.stored).toMatchObject({ version: 7 });
    await user.click(within(dialog).getByRole("button", { name: "Combine both" }));
    await user.click(await screen.findByRole("button", { name: "Save" }));
    await waitFor(() => expect(state.stored.version).toBe(8));
    expect(state.stored).toMatchObject({ name: "Theirs" });
    expect((state.stored as unknown as { panels: unknown[] }).panels[0]).toMatchObject({ h: 3 });
  });

  it("overwrites only knowingly", async () => {
    const user = userEvent.setup();
    const { api, state, sent } = dashboardApi();
    open(<DashboardPage />, api, EDIT);
    (await screen.findByRole("button", { name: "Move or resize cpu" })).focus();
    await user.keyboard("{ArrowRight}");
    state.stored = { ...state.stored, version: 7, name: "Theirs" };
    await user.click(screen.getByRole("button", { name: "Save" }));
    await user.click(await screen.findByRole("button", { name: "Overwrite theirs" }));
    await waitFor(() => expect(state.stored).toMatchObject({ version: 8, name: "Hosts <b>&</b>" }));
    expect(sent("PUT /api/dashboards/{id}").map((each) => each.header["If-Match"])).toEqual([
      '"3"',
      '"7"',
    ]);
  });

  it("loses nothing where somebody deleted it", async () => {
    const user = userEvent.setup();
    const { api, sent } = dashboardApi(storedOf(), {
      "PUT /api/dashboards/{id}": () => {
        throw refused(404, { title: "Not Found", detail: "there is no such dashboard" });
      },
    });
    const { router } = open(<DashboardPage />, api, EDIT);
    (await screen.findByRole("button", { name: "Move or resize cpu" })).focus();
    await user.keyboard("{ArrowRight}");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await user.click(await screen.findByRole("button", { name: "Save yours as another one" }));
    await user.click(await screen.findByRole("button", { name: "Create" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/dashboards/d2"));
    expect(sent("POST /api/dashboards")[0]?.body).toMatchObject({ name: "Copy of Hosts <b>&</b>" });
  });

  it("finds what was begun again after a reload", async () => {
    const user = userEvent.setup();
    const { api } = dashboardApi();
    open(<DashboardPage />, api, EDIT);
    (await screen.findByRole("button", { name: "Move or resize cpu" })).focus();
    await user.keyboard("{ArrowRight}");
    document.body.replaceChildren();
    open(<DashboardPage />, api, EDIT);
    expect(await screen.findByText(/This is what you had begun/)).toBeTruthy();
    expect(screen.getByText("Not saved yet.")).toBeTruthy();
  });
});
