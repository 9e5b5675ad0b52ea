import { execFileSync } from "node:child_process";
import { expect, picture, settled, test } from "./support/journey";

test("what fires is on Home, gravest first, and leads to its instance", async ({ page }) => {
  await page.goto("/");
  const list = page.locator(".firing");
  await expect(list).toContainText("Demo: this machine is on", { timeout: 60_000 });
  await list.getByRole("link", { name: "Demo: this machine is on" }).click();
  await expect(page).toHaveURL(/\/alerts\/.*\/instance/);
});

test.describe("in a new tenant", () => {
  test.use({ person: "outsider" });

  test("three steps lead to the first metric: the command works when it is pasted", async ({
    page,
  }) => {
    await page.goto("/");
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
