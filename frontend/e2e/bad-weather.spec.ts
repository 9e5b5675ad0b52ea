import type { Route } from "@playwright/test";
import { ask, unique } from "./support/api";
import { expect, settled, signIn, test } from "./support/journey";
import { login } from "./support/stack";

const API = "**/api/**";

function problem(status: number, title: string, detail: string, headers = {}) {
  return {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
    body: JSON.stringify({ type: "about:blank", status, title, detail }),
  };
}

test("an API that is down is told once, what was shown stays, and it goes on by itself", async ({
  page,
}) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: /Firing now/ })).toBeVisible();
  await settled(page);
  await page.route(API, (route) => route.abort("connectionrefused"));
  await expect(page.getByText("The API cannot be reached.").first()).toBeVisible({
    timeout: 30_000,
  });
  await expect(page.getByRole("heading", { name: "At a glance" })).toBeVisible();
  await page.unroute(API);
  await page.getByRole("button", { name: "Try now" }).click();
  await expect(page.getByText("The API cannot be reached.")).toHaveCount(0);
});

test("an API that takes five seconds is told and waited for", async ({ page }) => {
  await page.goto("/channels");
  await settled(page);
  const slow = (route: Route) =>
    new Promise<void>((resolve) => setTimeout(() => resolve(route.continue()), 6_500));
  await page.route("**/api/silences*", slow);
  await page.getByRole("link", { name: "Silences" }).click();
  await expect(page.getByText("The API takes longer than usual.")).toBeVisible();
  await expect(
    page.getByText("Nothing is silenced").or(page.getByRole("row").nth(1)),
  ).toBeVisible();
  await expect(page.getByText("The API takes longer than usual.")).toHaveCount(0);
});

test.describe("somebody", () => {
  test.use({ person: null });

  test("a session that ends in the middle of work is taken up again, and the work is saved", async ({
    page,
  }) => {
    await signIn(page, "admin");
    const why = unique("after signing in again");
    await page.goto(
      `/silences?matchers=${encodeURIComponent('[{"label":"team","op":"=","value":"x"}]')}`,
    );
    const dialog = page.getByRole("dialog").first();
    await dialog.getByLabel("Why").fill(why);
    let ended = true;
    await page.route("**/api/silences", async (route) => {
      if (ended && route.request().method() === "POST") {
        await route.fulfill(problem(401, "Unauthenticated", "The token has expired."));
      } else {
        await route.fallback();
      }
    });
    await dialog.getByRole("button", { name: "Silence", exact: true }).click();
    const again = page.getByRole("dialog", { name: "Sign in again" });
    await expect(again).toBeVisible();
    ended = false;
    await again.getByLabel("Password", { exact: true }).fill(login("admin").password);
    await again.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("row", { name: new RegExp(why) })).toBeVisible();
  });
});

test("what the API refuses is told in its own words, and when to try again", async ({ page }) => {
  await page.route("**/api/channels*", (route) =>
    route.fulfill(problem(403, "Forbidden", "This membership is disabled. Ask an admin.")),
  );
  await page.route("**/api/routing", (route) =>
    route.fulfill(
      problem(429, "Too many requests", "The quota requests a minute is used up.", {
        "Retry-After": "7",
      }),
    ),
  );
  await page.goto("/channels");
  await expect(page.getByText("This membership is disabled. Ask an admin.").first()).toBeVisible();
  await page.getByRole("link", { name: "Routing" }).click();
  await expect(page.getByText(/asked again in \d+ s/)).toBeVisible();
});

test.describe("a viewer", () => {
  // Nobody ends a viewer's session meanwhile: the token is renewed, as an hour has passed by this clock.
  test.use({ person: "viewer" });

  test("a browser whose clock is two hours ahead shows the present", async ({ page }) => {
    await page.addInitScript(() => {
      const Real = Date;
      const now = () => Real.now() + 2 * 3_600_000;
      class Ahead extends Real {
        static override now = now;
        constructor(...given: number[]) {
          super(...((given.length === 0 ? [now()] : given) as [number]));
        }
      }
      window.Date = Ahead as DateConstructor;
    });
    await page.goto("/");
    await expect(page.getByText("The clock of this computer is 2 hours ahead.")).toBeVisible();
    await expect(
      page.getByRole("img", { name: /system\.cpu\.utilization.*last \d/ }),
    ).toBeVisible();
  });
});

test("ten thousand alerts are a list like any other", async ({ page }) => {
  const pages = 100;
  const one = (await ask<{ alerts: object[] }>("GET", "/api/alerts")).alerts[0];
  await page.route(/\/api\/alerts(\?.*)?$/, async (route) => {
    const cursor = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    await route.fulfill({
      json: {
        alerts: Array.from({ length: 100 }, (_, index) => ({
          ...one,
          id: `${cursor}-${index}`,
          name: `Alert ${cursor * 100 + index}`,
        })),
        cursor: cursor + 1 < pages ? String(cursor + 1) : null,
      },
    });
  });
  await page.goto("/alerts");
  await expect(page.getByText("Alert 0", { exact: true })).toBeVisible();
  // The page stays quick: it answers a key within a second.
  const began = Date.now();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(Date.now() - began).toBeLessThan(5_000);
});
