import "./browser-parts";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { DashboardsPage } from "./list-page";
import { READY_MADE } from "./ready-made";
import { dashboardApi, open, refused, storedOf } from "./testing";

const PLACE = { path: "/dashboards", at: "/dashboards" };
const none = { "GET /api/dashboards": () => ({ dashboards: [], limit: 500, cursor: null }) };

describe("the list of dashboards", () => {
  it("shows ready-made ones to a tenant that has none", async () => {
    open(<DashboardsPage />, dashboardApi(storedOf(), none).api, PLACE);
    expect(await screen.findByText("No dashboards yet")).toBeTruthy();
    for (const { id, content } of READY_MADE) {
      const link = screen.getByRole("link", { name: content.name });
      expect(decodeURIComponent(link.getAttribute("href") ?? "")).toBe(`/dashboards/${id}`);
    }
  });

  it("shows names as text, and finds them by words", async () => {
    const user = userEvent.setup();
    open(<DashboardsPage />, dashboardApi().api, PLACE);
    expect(await screen.findByRole("link", { name: "Hosts <b>&</b>" })).toBeTruthy();
    await user.type(screen.getByRole("searchbox"), "nothing like it");
    expect(await screen.findByText("Nothing matches")).toBeTruthy();
  });

  it("says by field why a file cannot be imported, and takes it once it is right", async () => {
    const user = userEvent.setup();
    const { api, sent } = dashboardApi();
    open(<DashboardsPage />, api, PLACE);
    await user.click(await screen.findByRole("button", { name: "Import" }));
    const field = await screen.findByLabelText("Or paste its text");
    await user.click(field);
    await user.paste('{"name": "New", "range": {"last": 1}, "colour": 3}');
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Import" }));
    const told = (await screen.findAllByRole("alert")).map((each) => each.textContent).join();
    expect(told).toContain("range.last must be a whole number");
    expect(told).toContain("colour is not a field");
    await user.clear(field);
    await user.paste('{"name": "New"}');
    await user.click(dialog.getByRole("button", { name: "Import" }));
    await waitFor(() => expect(sent("POST /api/dashboards")).toHaveLength(1));
    expect(sent("POST /api/dashboards")[0]?.body).toMatchObject({ name: "New", panels: [] });
  });

  it("asks before it deletes, and takes it back", async () => {
    const user = userEvent.setup();
    const { api, sent } = dashboardApi(storedOf(), {
      "POST /api/dashboards/{id}/restore": () => storedOf({ version: 4 }),
    });
    open(<DashboardsPage />, api, PLACE);
    await user.click(await screen.findByRole("button", { name: /^Actions for Hosts/ }));
    await user.click(await screen.findByRole("menuitem", { name: "Delete" }));
    expect(sent("DELETE /api/dashboards/{id}")).toEqual([]);
    await user.click(await screen.findByRole("button", { name: "Delete" }));
    await user.click(await screen.findByRole("button", { name: "Restore" }));
    await waitFor(() => expect(sent("POST /api/dashboards/{id}/restore")).toHaveLength(1));
    expect(sent("POST /api/dashboards/{id}/restore")[0]).toMatchObject({
      body: { version: 3 },
      header: { "If-Match": '"3"' },
    });
  });

  it("tells a viewer why nothing can be made", async () => {
    open(<DashboardsPage />, dashboardApi().api, { ...PLACE, role: "viewer" });
    for (const name of ["Create dashboard", "Import"]) {
      const button = await screen.findByRole("button", { name });
      expect(button.getAttribute("aria-disabled"), name).toBe("true");
    }
  });

  it("says what went wrong, and tries again", async () => {
    const user = userEvent.setup();
    let broken = true;
    const { api } = dashboardApi(storedOf(), {
      "GET /api/dashboards": () => {
        if (broken) {
          throw refused(503, { title: "Unavailable", detail: "Try again in a minute." });
        }
        return { dashboards: [], limit: 500, cursor: null };
      },
    });
    open(<DashboardsPage />, api, PLACE);
    expect(await screen.findByText("Try again in a minute.")).toBeTruthy();
    broken = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("No dashboards yet")).toBeTruthy();
  });
});
