import type { Page } from "@playwright/test";
import { ask } from "./support/api";
import { accessible, expect, picture, settled, test } from "./support/journey";

/** Every route that needs no id, by its picture's name. */
const ROUTES: Readonly<Record<string, string>> = {
  home: "/",
  explore: "/explore?metric=system.cpu.utilization",
  "explore-empty": "/explore",
  dashboards: "/dashboards",
  dashboard: "/dashboards/ready-made:host",
  alerts: "/alerts",
  "alert-new": "/alerts/new",
  silences: "/silences",
  channels: "/channels",
  routing: "/routing",
  members: "/members",
  clients: "/clients",
  usage: "/usage",
  audit: "/audit",
  account: "/account",
  "not-found": "/no-such-page",
};

/** In light and dark, on a desk and on a phone: no barrier, nothing that sticks out. */
async function looked(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await settled(page);
  await picture(page, `${name}-light`);
  await accessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, `${name}-dark`);
  await accessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  // The page itself never scrolls sideways; wide tables do, inside.
  await expect
    .poll(() =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ),
    )
    .toBe(0);
  await picture(page, `${name}-phone`);
  await accessible(page);
}

for (const [name, path] of Object.entries(ROUTES)) {
  test(`${name} can be used by everybody`, async ({ page }) => {
    await page.goto(path);
    await looked(page, name);
  });
}

interface Listed {
  readonly alerts: readonly { readonly id: string; readonly name: string }[];
}

for (const [name, rest] of Object.entries({
  alert: "",
  "alert-editor": "/edit",
  instance: "/instance",
})) {
  test(`the page ${name} can be used by everybody`, async ({ page }) => {
    const { alerts } = await ask<Listed>("GET", "/api/alerts?name=CPU+above");
    const id = alerts.find((each) => each.name.startsWith("CPU above"))?.id ?? "";
    const query = rest === "/instance" ? await firstTags(id) : "";
    await page.goto(`/alerts/${id}${rest}${query}`);
    await looked(page, name);
  });
}

/** The address of an alert's first instance, as soon as there is one. */
async function firstTags(id: string): Promise<string> {
  let found = "";
  await expect
    .poll(
      async () => {
        const { instances } = await ask<{ instances: { tags: object }[] }>(
          "GET",
          `/api/alerts/${id}`,
        );
        found = instances[0] === undefined ? "" : JSON.stringify(instances[0].tags);
        return found;
      },
      { timeout: 45_000 },
    )
    .not.toBe("");
  return `?tags=${encodeURIComponent(found)}`;
}

test("a dashboard that is being changed can be used by everybody", async ({ page }) => {
  const made = await ask<{ id: string }>("POST", "/api/dashboards", {
    name: "To be changed",
    variables: [],
    range: { last: 3600 },
    panels: [
      { id: "a", title: "Note", type: "text", x: 0, y: 0, w: 6, h: 2, queries: [], text: "A note" },
    ],
  });
  await page.goto(`/dashboards/${made.id}?edit=true`);
  await looked(page, "dashboard-editor");
  await ask("DELETE", `/api/dashboards/${made.id}`);
});

test.describe("signed out", () => {
  test.use({ person: null });
  test("the sign-in page can be used by everybody", async ({ page }) => {
    await page.goto("/");
    await looked(page, "sign-in");
  });
});
