import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { Engagement } from "./engagement";
import { fakeApi, instanceOf, refused, show } from "./testing";

const FIRING = instanceOf({ state: "ALARM", severity: "high", tags: { host: 'a"<b>' } });

it("acknowledges the very instance that is shown", async () => {
  const { api, calls } = fakeApi({
    "POST /api/alerts/{id}/acknowledge": () => ({ instances: [] }),
  });
  show(<Engagement id="a1" instance={FIRING} />, api);
  await userEvent.click(await screen.findByRole("button", { name: "Acknowledge" }));
  expect(calls.find((each) => each.method === "POST")?.body).toEqual({ tags: { host: 'a"<b>' } });
});

it("says who acknowledged, and lets it be taken back", async () => {
  const { api, calls } = fakeApi({
    "POST /api/alerts/{id}/unacknowledge": () => ({ instances: [] }),
  });
  show(<Engagement id="a1" instance={{ ...FIRING, acknowledged_by: "me" }} />, api);
  expect(await screen.findByText(/Acknowledged by you/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Take it back" }));
  expect(calls.map((each) => each.path)).toContain("/api/alerts/{id}/unacknowledge");
});

it("tells when nothing fires any more", async () => {
  const { api } = fakeApi({
    "POST /api/alerts/{id}/acknowledge": () => {
      throw refused(409, { title: "Conflict", detail: "nothing fires here" });
    },
  });
  show(<Engagement id="a1" instance={FIRING} />, api);
  await userEvent.click(await screen.findByRole("button", { name: "Acknowledge" }));
  expect(await screen.findByText(/nothing fires here/)).toBeTruthy();
});

it("is nothing that a viewer can do, and says why", async () => {
  show(<Engagement id="a1" instance={FIRING} />, fakeApi({}).api, { role: "viewer" });
  const button = await screen.findByRole("button", { name: "Acknowledge" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
});
