import { readFile } from "node:fs/promises";
import { ask, send, unique } from "./support/api";
import { expect, picture, test } from "./support/journey";

/** A name with every kind of character that names may have. */
const NAME = "_a:B.9/c-d";
const MARKUP = "<img src=x onerror=alert(1)>";

test("a metric is found by a part of its name, split by a tag, compared, and read as a table", async ({
  page,
}) => {
  await page.goto("/explore");
  await page.getByRole("combobox", { name: "Metric of query a" }).fill("memory");
  await page.getByRole("option", { name: /system\.memory\.utilization/ }).click();
  const chart = page.getByRole("img", { name: /system\.memory\.utilization/ }).first();
  await expect(chart).toBeVisible();
  await page.getByText("Compare with last week").click();
  await expect(page).toHaveURL(/week|compare/i);
  await page.getByText("Live", { exact: true }).click();
  await page.getByRole("button", { name: "Show as table" }).click();
  await expect(page.getByRole("table").getByRole("row").nth(1)).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const text = await readFile(await (await download).path(), "utf-8");
  expect(text.split("\r\n")[0]).toContain("time");
  // The address is the whole view: somebody else who opens it sees the same.
  const address = page.url();
  await page.goto("/");
  await page.goto(address);
  await expect(page.getByRole("combobox", { name: "Metric of query a" })).toHaveValue(
    "system.memory.utilization",
  );
});

test("arithmetic between queries is checked before it is sent", async ({ page }) => {
  await page.goto("/explore?metric=system.memory.used");
  await page.getByRole("button", { name: "Arithmetic" }).click();
  const expression = page.getByRole("textbox", { name: /Expression/ });
  await expression.fill("a / (");
  await expression.press("Tab");
  await expect(expression).toHaveAttribute("aria-invalid", "true");
  await expression.fill("a / 1000000");
  await expression.press("Tab");
  await expect(expression).not.toHaveAttribute("aria-invalid", "true");
  await expect(page.getByRole("img", { name: /a \/ 1000000|b/ }).first()).toBeVisible();
});

test("dragging over the chart zooms, and back leads back", async ({ page }) => {
  await page.goto("/explore?metric=system.cpu.utilization");
  const plot = page.locator(".u-over").first();
  await expect(plot).toBeVisible();
  const box = await plot.boundingBox();
  if (box === null) {
    throw new Error("there is no plot");
  }
  const before = page.url();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 8 });
  await page.mouse.up();
  await expect(page).toHaveURL(/start=\d+/);
  await page.goBack();
  await expect(page).toHaveURL(before);
});

test("five hundred series, and names with every character, are shown as they are", async ({
  page,
}) => {
  const name = `${NAME}${unique("x")}`;
  const now = Date.now();
  await ask("POST", "/api/metrics", {
    metrics: Array.from({ length: 500 }, (_, index) => ({
      name,
      value: index,
      timestamp: now - 20_000,
      tags: { "key.with-_/:chars": index === 0 ? MARKUP : `v${index}` },
    })),
  });
  await page.goto(`/explore?metric=${encodeURIComponent(name)}`);
  await page.getByRole("button", { name: /Tags to group query a by/ }).click();
  await page.getByRole("option", { name: "key.with-_/:chars" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("list", { name: "Series" })).toBeVisible();
  await picture(page, "journey-500-series");
  await page.getByRole("button", { name: "Add a filter to query a" }).click();
  await expect(page.locator("img[src=x]")).toHaveCount(0);
});

test("answers that are not whole say so", async ({ page }) => {
  await send(unique("any"), [1]);
  await page.route("**/api/metrics/query", async (route) => {
    const asked = route.request().postDataJSON() as { queries: { id: string }[]; start: number };
    await route.fulfill({
      json: {
        results: asked.queries.map(({ id }) => ({
          id,
          unit: "Percent",
          series: [{ tags: { host: "a" }, timestamps: [Date.now() - 60_000], values: [7] }],
        })),
        warnings: ["Only the first 500 series of 812 are shown."],
        cursor: null,
      },
    });
  });
  await page.goto("/explore?metric=system.cpu.utilization");
  await expect(page.getByText("Only the first 500 series of 812 are shown.")).toBeVisible();
});

test.describe("in a tenant without metrics", () => {
  test("Explore says where to begin", async ({ page }) => {
    await page.route("**/api/metrics?*", (route) =>
      route.fulfill({ json: { metrics: [], cursor: null } }),
    );
    await page.goto("/explore");
    await expect(
      page
        .getByRole("main")
        .getByRole("link", { name: /Home|first/i })
        .last(),
    ).toBeVisible();
  });
});
