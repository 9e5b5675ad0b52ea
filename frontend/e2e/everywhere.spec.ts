import { expect, settled, test } from "./support/journey";

test("keys lead everywhere, and the help says which", async ({ page }) => {
  await page.goto("/");
  await settled(page);
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(page).toHaveURL(/\/alerts/);
  await expect(page.getByRole("heading", { level: 1, name: "Alerts" })).toBeFocused();
  const search = page.getByRole("searchbox", { name: "Find alerts" });
  await expect(search).toBeVisible();
  await page.keyboard.press("/");
  await expect(search).toBeFocused();
  await page.keyboard.press("Escape");
  await page.locator("body").click({ position: { x: 5, y: 500 } });
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("Explore");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await expect(page).toHaveURL(/\/explore/);
});

test("the palette finds pages and metrics by name", async ({ page }) => {
  await page.goto("/");
  await settled(page);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox").first()).toBeFocused();
  await page.keyboard.type("uptime");
  await page
    .getByRole("option", { name: /system\.uptime/ })
    .first()
    .click();
  await expect(page).toHaveURL(/\/explore.*system\.uptime/);
});

test("moments are the viewer's, UTC when asked", async ({ page }) => {
  await page.goto("/members");
  const moment = page.getByRole("row", { name: /viewer@example.com/ }).locator("time");
  await moment.hover();
  await expect(page.getByText(/UTC/).first()).toBeVisible();
});
