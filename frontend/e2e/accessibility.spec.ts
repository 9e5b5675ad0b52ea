import { accessible, expect, picture, settled, test } from "./support/journey";

/** Every route that needs no id, by its picture's name. */
const ROUTES: Readonly<Record<string, string>> = {
  home: "/",
  explore: "/explore",
  dashboards: "/dashboards",
  dashboard: "/dashboards/ready-made:host",
  alerts: "/alerts",
  "alert-editor": "/alerts/new",
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

for (const [name, path] of Object.entries(ROUTES)) {
  test(`${name} can be used by everybody, in light and dark, on a wall and on a phone`, async ({
    page,
  }) => {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await settled(page);
    await picture(page, `${name}-light`);
    await accessible(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, `${name}-dark`);
    await accessible(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    // Nothing sticks out: the page itself never scrolls sideways (tables do, inside).
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await picture(page, `${name}-phone`);
    await accessible(page);
  });
}

test.describe("signed out", () => {
  test.use({ person: null });
  test("the sign-in page can be used by everybody, in light and dark", async ({ page }) => {
    await page.goto("/");
    for (const mode of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: mode });
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await picture(page, `sign-in-${mode}`);
      await accessible(page);
    }
  });
});
