import { unique } from "./support/api";
import { expect, test } from "./support/journey";

test("a silence is previewed, made, changed and ended", async ({ page }) => {
  const why = unique("maintenance");
  await page.goto(
    `/silences?matchers=${encodeURIComponent('[{"label":"team","op":"=","value":"<i>x</i>"}]')}`,
  );
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Value of condition 1")).toHaveValue("<i>x</i>");
  await dialog.getByRole("button", { name: "What would it mute?" }).click();
  await expect(dialog.getByText("Nothing fires now or fired in the last week")).toBeVisible();
  await dialog.getByRole("button", { name: "4 hours" }).click();
  await dialog.getByLabel("Why").fill(why);
  await dialog.getByRole("button", { name: "Silence", exact: true }).click();
  const row = page.getByRole("row", { name: new RegExp(why) });
  await expect(row).toContainText("team is <i>x</i>");
  await expect(row).toContainText("active");
  await row.getByRole("button", { name: /Change the silence/ }).click();
  await page.getByRole("dialog").getByLabel("Why").fill(`${why} longer`);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: new RegExp(`${why} longer`) })).toBeVisible();
  await row.getByRole("button", { name: /End the silence/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
  await expect(row).toHaveCount(0);
});

test("what was typed into a silence survives a reload", async ({ page }) => {
  const why = unique("half written");
  await page.goto("/silences");
  await page.getByRole("button", { name: "New silence" }).click();
  await page.getByRole("dialog").getByLabel("Why").fill(why);
  await page.reload();
  await page.getByRole("button", { name: "New silence" }).click();
  await expect(page.getByRole("dialog").getByLabel("Why")).toHaveValue(why);
});

test("a webhook is made, its secret shown once, tested, and refused by field", async ({ page }) => {
  const name = unique("hook");
  await page.goto("/channels");
  await page.getByRole("button", { name: "New channel" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("radio", { name: /^Webhook/ }).check();
  await dialog.getByLabel("Address").fill("nonsense");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByLabel("Address")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Address").fill("http://127.0.0.1:9/closed");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page
    .getByRole("dialog", { name: `The secret of ${name}` })
    .getByRole("button", { name: "I have stored it" })
    .click();
  await page.getByRole("button", { name: `Test ${name}` }).click();
  await expect(page.getByText(`The test did not reach ${name}`)).toBeVisible();
  await page.getByRole("button", { name: `Delete ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("row", { name: new RegExp(name) })).toHaveCount(0);
});

test("a route is drawn up, tried, and saved; somebody else's save in between is not overwritten", async ({
  page,
  context,
}) => {
  const name = unique("night");
  await page.goto("/routing");
  await page.getByRole("button", { name: "Add a route" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog
    .getByRole("button", { name: /Channels/ })
    .first()
    .click();
  await page.getByRole("option", { name: /Default topic/ }).click();
  await page.keyboard.press("Escape");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("Changes are not saved yet")).toBeVisible();
  await page.getByRole("button", { name: "Try" }).click();
  await expect(page.getByText(`${name} tells Default topic`)).toBeVisible();
  await page.getByRole("button", { name: "Save routes" }).click();
  await expect(page.getByText("The routes are saved")).toBeVisible();
  await page.getByRole("button", { name: `Move ${name} up` }).waitFor();
  await page.getByRole("button", { name: `Change ${name}` }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(`${name} mine`);
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
  const second = await context.newPage();
  await second.goto("/routing");
  await second.getByRole("button", { name: `Remove ${name}` }).click();
  await second.getByRole("button", { name: "Save routes" }).click();
  await expect(second.getByText("The routes are saved")).toBeVisible();
  await second.close();
  await page.getByRole("button", { name: "Save routes" }).click();
  await expect(page.getByText("Somebody else saved routes meanwhile")).toBeVisible();
  await page.getByRole("button", { name: "Show theirs" }).click();
  await expect(page.getByRole("row", { name: new RegExp(name) })).toHaveCount(0);
});
