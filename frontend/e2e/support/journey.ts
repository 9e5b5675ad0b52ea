import { mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { login, type Person, stateFile } from "./stack";

export { expect };

const SCREENSHOTS = process.env.SCREENSHOTS ?? "test-results/screenshots";
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface Options {
  /** Whose signed-in browser the journey begins with; null: nobody's. */
  person: Person | null;
}

/**
 * A journey: a signed-in browser. At its end the page must have logged no error, broken no rule of the
 * content security policy, and asked no other host than the console's and Cognito's.
 */
export const test = base.extend<Options & { watched: undefined }>({
  person: ["admin", { option: true }],
  storageState: async ({ person }, use) => {
    await use(person === null ? undefined : stateFile(person));
  },
  watched: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
      page.on("console", (message) => {
        // What the API refuses, the browser logs by itself; journeys through bad weather mean it.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
          complaints.push(`console: ${message.text()}`);
        }
      });
      page.on("request", (request) => {
        const { hostname, protocol } = new URL(request.url());
        const ours = hostname === "127.0.0.1" || hostname.endsWith("localhost");
        if (protocol.startsWith("http") && !ours) {
          complaints.push(`asked ${request.url()}`);
        }
      });
      await use(undefined);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/** Waits until nothing within sight says that it is loading; what is further down loads when it is seen. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect
    .poll(
      () =>
        page.evaluate(() => {
          const isSeen = (element: Element) => {
            const { top, bottom, height } = element.getBoundingClientRect();
            return height > 0 && top < window.innerHeight && bottom > 0;
          };
          const waiting = [...document.querySelectorAll("[role=status], [class*=spinner]")];
          return waiting.filter(
            (each) =>
              isSeen(each) &&
              (/^\s*Loading/.test(each.textContent ?? "") || each.matches("[class*=spinner]")),
          ).length;
        }),
      { timeout: 40_000 },
    )
    .toBe(0);
}

/** Signs in by hand: for journeys that end their session, which others go on with. */
export async function signIn(page: Page, person: Person): Promise<void> {
  const { username, password } = login(person);
  await page.goto("/");
  await page.getByLabel("Email").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible({
    timeout: 45_000,
  });
}

/** No violation of WCAG 2.2 AA or of axe's best practices. */
export async function accessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(WCAG).analyze();
  const told = found.violations.map(
    (each) =>
      `${each.id}: ${each.help}\n${each.nodes.map((node) => `  ${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("\n")}`,
  );
  expect(told).toEqual([]);
}

/** Keeps a picture of the page as it is. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: false });
}
