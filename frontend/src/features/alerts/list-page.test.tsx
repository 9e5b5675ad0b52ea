import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { AlertsPage } from "./list-page";
import type { Alert } from "./model";
import { alertOf, fakeApi, instanceOf, refused, show } from "./testing";

const FIRING = alertOf({
  id: "f1",
  name: "<b>bold</b> & firing",
  instances: [instanceOf({ state: "ALARM", severity: "high", tags: { host: "web-1" } })],
});
const FINE = alertOf({ id: "o1", name: "all is fine", instances: [instanceOf()] });
const SILENCE = {
  id: "s1",
  state: "active",
  until_resolved: false,
  starts_at: 0,
  comment: "",
  matchers: [{ label: "host", op: "=", value: "web-1" }],
};

function api(alerts: readonly Alert[], firing: readonly Alert[] = []) {
  return fakeApi({
    "GET /api/alerts": ({ query }) => ({
      alerts: query.state === "ALARM" ? firing : alerts,
      cursor: null,
    }),
    "GET /api/silences": () => ({ silences: [SILENCE], cursor: null }),
  });
}

describe("the list of alerts", () => {
  it("shows what fires first, with names as text, and says what is silenced", async () => {
    show(<AlertsPage />, api([FINE, FIRING], [FIRING]).api);
    const first = await screen.findByRole("link", { name: "<b>bold</b> & firing" });
    const rows = within(screen.getByRole("table")).getAllByRole("row");
    expect(rows[1]?.contains(first)).toBe(true);
    await waitFor(() => expect(rows[1]?.textContent).toContain("silenced"));
    expect(rows[2]?.textContent).toContain("all is fine");
  });

  it("shows what fires although it is on no page that was read", async () => {
    show(<AlertsPage />, api([FINE], [FIRING]).api);
    expect(await screen.findByRole("link", { name: "<b>bold</b> & firing" })).toBeTruthy();
  });

  it("says to a new tenant what to do", async () => {
    show(<AlertsPage />, api([]).api);
    expect(await screen.findByText("No alerts yet")).toBeTruthy();
  });

  it("tells a viewer why no alert can be made", async () => {
    show(<AlertsPage />, api([FINE]).api, { role: "viewer" });
    await screen.findByRole("link", { name: "all is fine" });
    const [button] = screen.getAllByRole("button", { name: "New alert" });
    expect(button?.getAttribute("aria-disabled")).toBe("true");
  });

  it("asks the API for a state, and keeps it in the URL", async () => {
    const { api: found, calls } = api([FINE]);
    const { router } = show(<AlertsPage />, found, { at: "/alerts?state=OK" });
    await screen.findByRole("link", { name: "all is fine" });
    expect(calls.find((each) => each.path === "/api/alerts")?.query).toMatchObject({ state: "OK" });
    expect(router.state.location.search).toEqual({ state: "OK" });
  });

  it("finds by name in the URL as one types", async () => {
    const { router } = show(<AlertsPage />, api([FINE, FIRING], [FIRING]).api);
    await screen.findByRole("link", { name: "all is fine" });
    await userEvent.type(screen.getByRole("searchbox"), "bold");
    await waitFor(() => expect(router.state.location.search).toEqual({ name: "bold" }));
    await waitFor(() => expect(screen.queryByRole("link", { name: "all is fine" })).toBeNull());
  });

  it("says what is wrong when it cannot be read", async () => {
    const { api: broken } = fakeApi({
      "GET /api/alerts": () => {
        throw refused(503, { title: "Unavailable", detail: "The table does not answer." });
      },
      "GET /api/silences": () => ({ silences: [], cursor: null }),
    });
    show(<AlertsPage />, broken);
    expect(await screen.findByText(/The table does not answer/)).toBeTruthy();
  });
});

it("draws fifty of ten thousand alerts", async () => {
  const many = Array.from({ length: 10_000 }, (_, place) =>
    alertOf({ id: `a${place}`, name: `alert ${String(place).padStart(5, "0")}` }),
  );
  show(<AlertsPage />, api(many).api);
  await screen.findByRole("link", { name: "alert 00000" });
  expect(within(screen.getByRole("table")).getAllByRole("row")).toHaveLength(51);
});
