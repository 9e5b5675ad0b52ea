import { defineConfig } from "@playwright/test";

/** Where the console under test is, what it runs on, and which browser: `make test-console` says so. */
const { CONSOLE_URL, CHROMIUM, SCREENSHOTS } = process.env;

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  // Functions of the embedded AWS start slowly on a busy machine: what passes the second time is told as flaky.
  retries: 1,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    baseURL: CONSOLE_URL ?? "http://127.0.0.1:5173",
    trace: "retain-on-failure",
    locale: "en-GB",
    timezoneId: "Europe/Vienna",
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      executablePath: CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "setup", testMatch: /sign-in\.setup\.ts/ },
    { name: "journeys", testMatch: /.*\.spec\.ts/, dependencies: ["setup"] },
  ],
  metadata: { screenshots: SCREENSHOTS ?? "test-results/screenshots" },
});
