import { ask, send, unique } from "./support/api";
import { expect, picture, settled, test } from "./support/journey";

test("from a metric to an alert that fires: explore, drag the line, save, see it on Home", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const name = unique("CPU of this machine");
  await page.goto("/explore");
  await page.getByRole("combobox", { name: "Metric of query a" }).fill("system.cpu.util");
  await page.getByRole("option", { name: /system\.cpu\.utilization/ }).click();
  await expect(page.getByRole("img", { name: /system\.cpu\.utilization/ }).first()).toBeVisible();
  await picture(page, "journey-explore");
  await page.getByRole("button", { name: "More about query a" }).click();
  await page.getByRole("menuitem", { name: /alert/i }).click();
  await expect(page).toHaveURL(/\/alerts\/new/);
  await expect(page.getByRole("combobox", { name: "Metric" })).toHaveValue(
    "system.cpu.utilization",
  );
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: /^Period/ }).click();
  await page.getByRole("option", { name: /10 s/ }).click();

  // Drag the line below what the metric is: the field beside it follows, the chart shades where it would fire.
  const line = page.getByRole("slider", { name: /Threshold/ });
  const offered = Number(await line.getAttribute("aria-valuenow"));
  const handle = await line.boundingBox();
  const plot = await page.locator(".u-over").first().boundingBox();
  if (handle === null || plot === null) {
    throw new Error("the line or the plot is not on the page");
  }
  const x = handle.x + handle.width / 2;
  await page.mouse.move(x, handle.y + handle.height / 2);
  await page.mouse.down();
  await page.mouse.move(x, plot.y + plot.height / 2, { steps: 5 });
  await page.mouse.move(x, plot.y + plot.height - 3, { steps: 5 });
  await page.mouse.up();
  const threshold = Number(await page.getByRole("textbox", { name: "Threshold" }).inputValue());
  expect(threshold).toBeLessThan(offered);
  // The plot ends above what this machine may do next: so low that it fires for certain.
  await page.getByRole("textbox", { name: "Threshold" }).fill("0.1");
  await expect(page.getByText(/Fires when 2 of the last 3/)).toContainText("above");
  await settled(page);
  await picture(page, "journey-editor");
  await page.getByRole("button", { name: "Make the alert" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();

  await page.getByRole("link", { name: "Home", exact: true }).click();
  await expect(page.locator(".firing")).toContainText(name, { timeout: 120_000 });
  await picture(page, "journey-home");
  const { alerts } = await ask<{ alerts: { id: string; name: string }[] }>("GET", "/api/alerts");
  const made = alerts.find((each) => each.name === name);
  await ask("DELETE", `/api/alerts/${made?.id}`);
});

test("two people editing one alert see each other, and nothing is overwritten", async ({
  page,
}) => {
  const metric = unique("queue.depth");
  await send(metric, [1, 2, 3, 4]);
  const alert = await ask<{ id: string; version: number }>("POST", "/api/alerts", {
    name: unique("Queue"),
    metric,
    statistic: "max",
    period: 60,
    comparison: ">",
    threshold: 100,
    evaluation_periods: 3,
    datapoints_to_alarm: 2,
  });
  await page.goto(`/alerts/${alert.id}/edit`);
  await page.getByRole("textbox", { name: "Threshold" }).fill("50");
  const stored = await ask<Record<string, unknown>>("GET", `/api/alerts/${alert.id}`);
  await changed(alert.id, stored);
  await page.getByRole("button", { name: /^Save/ }).first().click();
  await expect(page.getByText(/somebody else|meanwhile/i).first()).toBeVisible();
  const after = await ask<{ threshold: number; description: string }>(
    "GET",
    `/api/alerts/${alert.id}`,
  );
  expect([after.threshold, after.description]).toEqual([100, "changed by somebody else"]);
  await ask("DELETE", `/api/alerts/${alert.id}`);
});

async function changed(id: string, stored: Record<string, unknown>): Promise<void> {
  const shown = ["id", "version", "created_at", "edited_at", "instances", "more_instances"];
  const definition = Object.fromEntries(
    Object.entries(stored).filter(([key]) => !shown.includes(key)),
  );
  await ask(
    "PUT",
    `/api/alerts/${id}`,
    { ...definition, description: "changed by somebody else" },
    { "If-Match": `"${stored.version}"` },
  );
}

test("an alert is shaped by keyboard alone", async ({ page }) => {
  const metric = unique("disk.used");
  await send(metric, [10, 20, 30, 40, 50, 60]);
  const draft = { metric, statistic: "avg", period: 60, filters: [], group_by: [] };
  await page.goto(`/alerts/new?draft=${encodeURIComponent(JSON.stringify(draft))}`);
  await page.getByRole("textbox", { name: "Threshold" }).fill("40");
  const line = page.getByRole("slider", { name: /Threshold/ });
  await line.focus();
  const before = Number(await line.getAttribute("aria-valuenow"));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("PageUp");
  expect(Number(await line.getAttribute("aria-valuenow"))).toBeGreaterThan(before);
  await page.getByLabel("Name").focus();
  const name = unique("Keys");
  await page.keyboard.type(name);
  await page.getByRole("button", { name: "Make the alert" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  const { alerts } = await ask<{ alerts: { id: string; name: string }[] }>("GET", "/api/alerts");
  await ask("DELETE", `/api/alerts/${alerts.find((each) => each.name === name)?.id}`);
});

test("an incident is worked: explained, acknowledged, commented, silenced", async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto("/");
  await page.locator(".firing").getByRole("link", { name: "Demo: this machine is on" }).click();
  await settled(page);
  await picture(page, "journey-instance");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Acknowledge" }).first().click();
  await expect(page.getByText(/acknowledged/i).first()).toBeVisible();
});
