import { ask, unique } from "./support/api";
import { expect, picture, settled, test } from "./support/journey";

interface Dashboard {
  readonly id: string;
  readonly version: number;
  readonly name: string;
}

function content(name: string, text: string) {
  return {
    name,
    variables: [],
    range: { last: 3600 },
    panels: [
      { id: "one", title: "Note", type: "text", x: 0, y: 0, w: 6, h: 2, queries: [], text },
      {
        id: "two",
        title: "CPU",
        type: "line",
        x: 6,
        y: 0,
        w: 6,
        h: 3,
        queries: [{ id: "a", metric: "system.cpu.utilization", statistic: "avg", period: 60 }],
      },
    ],
  };
}

test("a ready-made dashboard is copied, changed, arranged by keyboard, and kept", async ({
  page,
}) => {
  const name = unique("Hosts of ours");
  await page.goto("/dashboards");
  await page.getByRole("button", { name: "Copy Hosts" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog
    .getByRole("button", { name: /Create|Copy|Save/ })
    .last()
    .click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const handle = page.getByRole("button", { name: "Move or resize CPU by host" });
  await handle.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+ArrowLeft");
  await expect(
    page
      .locator("[aria-live]")
      .filter({ hasText: /CPU by host/ })
      .first(),
  ).toBeAttached();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("button", { name: "Edit", exact: true })).toBeVisible();
  await settled(page);
  await picture(page, "journey-dashboard");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Dashboards" })).toBeVisible();
});

test("two people changing one dashboard see each other, and nothing is overwritten", async ({
  page,
}) => {
  const name = unique("Shared");
  const made = await ask<Dashboard>("POST", "/api/dashboards", content(name, "first"));
  await page.goto(`/dashboards/${made.id}`);
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Move or resize Note" }).focus();
  await page.keyboard.press("Shift+ArrowLeft");
  await ask("PUT", `/api/dashboards/${made.id}`, content(name, "by somebody else"), {
    "If-Match": `"${made.version}"`,
  });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(
    page.getByText(/Somebody else changed this dashboard|joined|merged/i).first(),
  ).toBeVisible();
  const stored = await ask<{ panels: { id: string; text?: string }[] }>(
    "GET",
    `/api/dashboards/${made.id}`,
  );
  expect(stored.panels.find((each) => each.id === "one")?.text).toBe("by somebody else");
  await ask("DELETE", `/api/dashboards/${made.id}`);
});

test("a dashboard leaves as JSON and comes back; what is wrong in one is said by its field", async ({
  page,
}) => {
  const name = unique("Imported <b>bold</b>");
  await page.goto("/dashboards");
  await page.getByRole("button", { name: "Import" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Or paste its text").fill('{"name": "x", "panels": [{"type": "pie"}]}');
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(dialog.getByText(/panels/).first()).toBeVisible();
  await dialog.getByLabel("Or paste its text").fill(JSON.stringify(content(name, "<i>text</i>")));
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText("<i>text</i>")).toBeVisible();
  const { dashboards } = await ask<{ dashboards: Dashboard[] }>("GET", "/api/dashboards");
  await ask("DELETE", `/api/dashboards/${dashboards.find((each) => each.name === name)?.id}`);
});

test.describe("a viewer", () => {
  test.use({ person: "viewer" });

  test("looks at dashboards and is told why they cannot change them", async ({ page }) => {
    await page.goto("/dashboards/ready-made:host");
    const copy = page.getByRole("button", { name: "Copy to change" });
    await expect(copy).toHaveAccessibleDescription("You are a viewer. Ask an editor to do this.");
  });
});
