import { execFileSync } from "node:child_process";
import { unique } from "./support/api";
import { expect, picture, settled, test } from "./support/journey";

test("what fires is on Home, gravest first, and leads to its instance", async ({ page }) => {
  await page.goto("/");
  const list = page.locator(".firing");
  await expect(list).toContainText("Demo: this machine is on", { timeout: 60_000 });
  await list.getByRole("link", { name: "Demo: this machine is on" }).click();
  await expect(page).toHaveURL(/\/alerts\/.*\/instance/);
});

test.describe("somebody new", () => {
  test.use({ person: null });

  test("signs up, and three steps lead to the first metric: the command works when it is pasted", async ({
    page,
  }) => {
    const email = `${unique("new")}@example.com`;
    const password = "Correct-horse-7-battery";
    await page.goto("/");
    await page.getByRole("button", { name: "Create an account" }).click();
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Your name").fill("Somebody New");
    await page
      .getByLabel(/password/i)
      .first()
      .fill(password);
    await page.getByRole("button", { name: "Create the account" }).click();
    // The embedded AWS takes any code.
    await page.getByLabel(/code/i).fill("123456");
    await page.getByRole("button", { name: /Confirm/ }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible({
      timeout: 30_000,
    });
    await settled(page);
    await expect(page.getByRole("heading", { name: "Your first metric" })).toBeVisible();
    await page.getByRole("button", { name: "Put my token in" }).click();
    const command = page.locator("pre").first();
    await expect(command).toContainText("Bearer ey");
    await picture(page, "first-steps");
    execFileSync("bash", ["-c", await command.innerText()], { stdio: "pipe" });
    await expect(page.getByText("Received. It is below.")).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole("link", { name: "demo.first" })).toBeVisible();
  });
});
