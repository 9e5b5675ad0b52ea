import { test } from "@playwright/test";
import { signIn } from "./support/journey";
import { type Person, stateFile } from "./support/stack";

for (const person of ["admin", "viewer", "outsider"] satisfies Person[]) {
  test(`the ${person} signs in`, async ({ page }) => {
    await signIn(page, person);
    await page.context().storageState({ path: stateFile(person) });
  });
}
