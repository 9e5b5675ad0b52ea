import { unique } from "./support/api";
import { expect, test } from "./support/journey";

test("an admin invites somebody, gives another role, disables and removes them", async ({
  page,
}) => {
  const email = `${unique("ada")}@example.com`;
  await page.goto("/members");
  await page.getByRole("button", { name: "Invite a member" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Email address").fill("nonsense");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await expect(dialog.getByText(/address/i).nth(1)).toBeVisible();
  await dialog.getByLabel("Email address").fill(email);
  await dialog.getByLabel("Name").fill("Ada <b>L</b>");
  await dialog.getByRole("radio", { name: /Editor/ }).check();
  await dialog.getByRole("button", { name: "Invite" }).click();
  const row = page.getByRole("row", { name: new RegExp(email) });
  await expect(row).toContainText("Ada <b>L</b>");
  await expect(row).toContainText("invited");
  await row.getByRole("button", { name: `Change ${email}` }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(row).toHaveCount(0);
});

test("the last admin stays one, and is told why", async ({ page }) => {
  await page.goto("/members");
  await page.getByRole("button", { name: "Change admin@example.com" }).click();
  await page.getByRole("menuitem", { name: "Make a viewer" }).click();
  await expect(page.getByText("The member stays as they were")).toBeVisible();
  await expect(page.getByRole("row", { name: /admin@example.com/ })).toContainText("admin");
});

test("a machine client is made, its secret shown once, renewed and deleted", async ({ page }) => {
  const name = unique("collector");
  await page.goto("/clients");
  await page.getByRole("button", { name: "Create a client" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  const shown = page.getByRole("dialog", { name: `The secret of ${name}` });
  await expect(shown).toContainText("It is shown this once");
  const command = await shown.locator("pre").innerText();
  expect(command).toContain("grant_type=client_credentials");
  await shown.getByRole("button", { name: "I have stored it" }).click();
  await page.getByRole("button", { name: `New secret for ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make a new secret" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "I have stored it" }).click();
  await page.getByRole("button", { name: `Delete ${name}` }).click();
  const asked = page.getByRole("dialog");
  await expect(asked.getByRole("button", { name: "Delete" })).toBeDisabled();
  await asked.getByLabel(/To confirm/).fill(name);
  await asked.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("row", { name: new RegExp(name) })).toHaveCount(0);
});

test("the audit tells who did it, usage what it costs", async ({ page }) => {
  await page.goto("/audit?kind=client");
  await expect(page.getByRole("table", { name: "Changes" })).toBeVisible();
  await page.getByRole("button", { name: /Kind of thing/ }).click();
  await page.getByRole("option", { name: "Everything" }).click();
  await expect(page).toHaveURL(/\/audit$/);
  await page.goto("/usage");
  await expect(page.getByText("Cost, estimated").first()).toBeVisible();
  await page.getByRole("button", { name: "7 days" }).click();
  await expect(page).toHaveURL(/days=7/);
});

test.describe("a viewer", () => {
  test.use({ person: "viewer" });

  test("sees why they may not change anything before they try", async ({ page }) => {
    await page.goto("/channels");
    const create = page.getByRole("button", { name: "New channel" });
    await expect(create).toHaveAttribute("aria-disabled", "true");
    await expect(create).toHaveAccessibleDescription("You are a viewer. Ask an admin to do this.");
    await page.goto("/silences");
    await expect(page.getByRole("button", { name: "New silence" })).toHaveAttribute(
      "aria-disabled",
      "true",
    );
    await page.goto("/members");
    await expect(page.getByRole("row", { name: /admin@example.com/ })).toBeVisible();
    await expect(page.getByRole("button", { name: "Invite a member" })).toHaveAttribute(
      "aria-disabled",
      "true",
    );
    await page.goto("/clients");
    await expect(page.getByText("Admins only")).toBeVisible();
  });
});
