import type { Locator, Page } from "@playwright/test";
import { ask, unique } from "./support/api";
import { expect, settled, test } from "./support/journey";
import { login } from "./support/stack";

/** So many stops a page has at most between where one is and where one wants to go. */
const STOPS = 150;

/** Goes on by Tab until this has the focus: what cannot be reached so fails the journey. */
async function reach(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < STOPS; stop += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${target}`);
}

async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await reach(page, target);
  await page.keyboard.press(key);
}

async function type(page: Page, target: Locator, text: string): Promise<void> {
  await reach(page, target);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(text);
}

/** Opens a page by its keys, from wherever one is. */
async function go(page: Page, key: string, heading: string): Promise<void> {
  await page.keyboard.press("g");
  await page.keyboard.press(key);
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeFocused();
}

test.describe("by keyboard alone", () => {
  test.beforeEach(async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
    await settled(page);
  });

  test("a metric is found, shown as a table, and becomes an alert", async ({ page }) => {
    const name = unique("By keys");
    await go(page, "m", "Explore");
    await page.keyboard.press("/");
    await expect(page.getByRole("combobox", { name: "Metric of query a" })).toBeFocused();
    await page.keyboard.type("system.memory.utilization");
    await expect(page.getByRole("option", { name: /system\.memory\.utilization/ })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("img", { name: /system\.memory/ }).first()).toBeVisible();
    await press(page, page.getByRole("button", { name: "Show as table" }));
    await expect(page.getByRole("table").getByRole("row").nth(1)).toBeVisible();
    await page.keyboard.press("Shift+Tab");
    const more = page.getByRole("button", { name: "More about query a" });
    await page.getByRole("heading", { level: 1 }).focus();
    await press(page, more);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/alerts\/new/);
    await type(page, page.getByLabel("Name"), name);
    const line = page.getByRole("slider", { name: /Threshold/ });
    await reach(page, line);
    const before = Number(await line.getAttribute("aria-valuenow"));
    await page.keyboard.press("ArrowDown");
    expect(Number(await line.getAttribute("aria-valuenow"))).toBeLessThan(before);
    await page.getByRole("heading", { level: 1 }).focus();
    await press(page, page.getByRole("button", { name: "Make the alert" }));
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    await removeAlert(name);
  });

  test("a silence is made", async ({ page }) => {
    const why = unique("by keys");
    await go(page, "s", "Silences");
    await press(page, page.getByRole("button", { name: "New silence" }));
    const dialog = page.getByRole("dialog");
    await type(page, dialog.getByLabel("Label of condition 1"), "host");
    await type(page, dialog.getByLabel("Value of condition 1"), "nowhere");
    await type(page, dialog.getByLabel("Why"), why);
    await press(page, dialog.getByRole("button", { name: "Silence", exact: true }));
    await expect(page.getByRole("row", { name: new RegExp(why) })).toBeVisible();
  });

  test("a channel is made and deleted", async ({ page }) => {
    const name = unique("by keys");
    await go(page, "c", "Channels");
    await press(page, page.getByRole("button", { name: "New channel" }));
    const dialog = page.getByRole("dialog");
    await type(page, dialog.getByLabel("Name"), name);
    await reach(page, dialog.getByRole("radio", { name: /^Slack/ }));
    await page.keyboard.press("ArrowUp");
    await expect(dialog.getByRole("radio", { name: /^Webhook/ })).toBeChecked();
    await type(page, dialog.getByLabel("Address"), "http://127.0.0.1:9/closed");
    await press(page, dialog.getByRole("button", { name: "Save" }));
    await press(page, page.getByRole("button", { name: "I have stored it" }));
    await press(page, page.getByRole("button", { name: `Delete ${name}` }));
    await press(page, page.getByRole("dialog").getByRole("button", { name: "Delete" }));
    await expect(page.getByRole("row", { name: new RegExp(name) })).toHaveCount(0);
  });

  test("somebody is invited, and the invitation is taken back", async ({ page }) => {
    const email = `${unique("keys")}@example.com`;
    await go(page, "p", "Members");
    await press(page, page.getByRole("button", { name: "Invite a member" }));
    const dialog = page.getByRole("dialog");
    await type(page, dialog.getByLabel("Email address"), email);
    await page.keyboard.press("Enter");
    const row = page.getByRole("row", { name: new RegExp(email) });
    await expect(row).toBeVisible();
    await press(page, page.getByRole("button", { name: `Change ${email}` }));
    const remove = page.getByRole("menuitem", { name: "Remove" });
    await expect(remove).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await press(page, page.getByRole("dialog").getByRole("button", { name: "Remove" }));
    await expect(row).toHaveCount(0);
  });

  test("a dashboard is made and gets a panel", async ({ page }) => {
    const name = unique("By keys");
    await go(page, "d", "Dashboards");
    await press(page, page.getByRole("button", { name: "Create dashboard" }));
    await type(page, page.getByRole("dialog").getByLabel("Name"), name);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    const { dashboards } = await ask<{ dashboards: { id: string; name: string }[] }>(
      "GET",
      `/api/dashboards?prefix=${encodeURIComponent(name)}`,
    );
    expect(dashboards).toHaveLength(1);
    await ask("DELETE", `/api/dashboards/${dashboards[0]?.id}`);
  });
});

test.describe("signed out", () => {
  test.use({ person: null });

  test("one signs in by keyboard alone", async ({ page }) => {
    const { username, password } = login("viewer");
    await page.goto("/");
    await type(page, page.getByLabel("Email"), username);
    await type(page, page.getByLabel("Password", { exact: true }), password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible({
      timeout: 30_000,
    });
  });
});

async function removeAlert(name: string): Promise<void> {
  const { alerts } = await ask<{ alerts: { id: string; name: string }[] }>(
    "GET",
    `/api/alerts?name=${encodeURIComponent(name)}`,
  );
  for (const each of alerts.filter((found) => found.name === name)) {
    await ask("DELETE", `/api/alerts/${each.id}`);
  }
}
