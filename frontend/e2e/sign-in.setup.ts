import { expect, test } from "@playwright/test";
import { login, type Person, stateFile } from "./support/stack";

for (const person of ["admin", "viewer", "outsider"] satisfies Person[]) {
  test(`the ${person} signs in`, async ({ page }) => {
    const { username, password } = login(person);
    await page.goto("/");
    await page.getByLabel("Email").fill(username);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible({
      timeout: 45_000,
    });
    await page.context().storageState({ path: stateFile(person) });
  });
}
