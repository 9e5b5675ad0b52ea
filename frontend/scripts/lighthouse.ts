/**
 * Lighthouse on the deployed console (CONSOLE_URL, CHROMIUM, STACK_FILE in the environment), signed out and
 * signed in, as a desktop and as a phone. Accessibility and best practices must be 100; performance is told
 * beside what it should be. Exits with 1 when something that must be is not. `--quick` looks at sign-in and
 * Home on a desktop alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";
import { login } from "../e2e/support/stack.ts";

const ORIGIN = process.env.CONSOLE_URL ?? "http://127.0.0.1:5173";
const PORT = Number(process.env.LIGHTHOUSE_PORT ?? 9333);
const PERFORMANCE = { desktop: 95, mobile: 80 } as const;

type Form = keyof typeof PERFORMANCE;

const IS_QUICK = process.argv.includes("--quick");
const FORMS: readonly Form[] = IS_QUICK ? ["desktop"] : ["desktop", "mobile"];
const ROUTES = [
  "/",
  "/explore?metric=system.cpu.utilization",
  "/alerts",
  "/dashboards/ready-made:host",
];

// Lighthouse opens its pages in the browser's own profile: the session has to be in that, too.
const profile = mkdtempSync(join(tmpdir(), "skafu-lighthouse-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    `--remote-debugging-port=${PORT}`,
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
let failed = false;

async function measure(what: string, path: string, form: Form): Promise<void> {
  const options = {
    port: PORT,
    output: "json" as const,
    onlyCategories: ["performance", "accessibility", "best-practices"],
    disableStorageReset: true,
  };
  const run = await lighthouse(
    ORIGIN + path,
    options,
    form === "desktop" ? desktopConfig : undefined,
  );
  const score = (name: string) => Math.round((run?.lhr.categories[name]?.score ?? 0) * 100);
  const [speed, access, practice] = ["performance", "accessibility", "best-practices"].map(score);
  const wrong = Object.values(run?.lhr.audits ?? {}).filter(
    (each) =>
      each.score !== null &&
      each.score < 1 &&
      ["accessibility", "best-practices"].some((name) =>
        run?.lhr.categories[name]?.auditRefs.some((ref) => ref.id === each.id && ref.weight > 0),
      ),
  );
  failed ||= access !== 100 || practice !== 100;
  const name = `${what} ${form}`.padEnd(58);
  process.stdout.write(
    `${name} performance ${speed} (of ${PERFORMANCE[form]}), accessibility ${access}, best practices ${practice}\n`,
  );
  for (const each of wrong) {
    process.stdout.write(`    ${each.id}: ${each.title}\n`);
  }
}

try {
  for (const form of FORMS) {
    await measure("sign-in", "/", form);
  }
  const page = await browser.newPage();
  const { username, password } = login("admin");
  await page.goto(ORIGIN);
  await page.getByLabel("Email").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor({ timeout: 60_000 });
  for (const path of IS_QUICK ? ROUTES.slice(0, 1) : ROUTES) {
    for (const form of FORMS) {
      await measure(path, path, form);
    }
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
