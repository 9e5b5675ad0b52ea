import { fileURLToPath } from "node:url";
import { createServer, type ViteDevServer } from "vite";
import { expect, test } from "./support/journey";

/** What it may take, in ms (docs/benchmarks.md): told, not asserted, because machines differ. */
const BUDGET = { paint: 250, update: 60 };

test.describe("the chart", () => {
  test.use({ person: null });
  let server: ViteDevServer;

  test.beforeAll(async () => {
    server = await createServer({
      root: fileURLToPath(new URL("..", import.meta.url)),
      mode: "test",
      logLevel: "error",
      server: { host: "127.0.0.1", port: 0, hmr: false },
    });
    await server.listen();
  });
  test.afterAll(() => server.close());

  test("draws 10 series of 5,000 points, and new ones", async ({ page }) => {
    test.setTimeout(120_000);
    await page.goto(`${server.resolvedUrls?.local[0]}e2e/bench/chart.html?series=10&points=5000`);
    const took = (name: string) =>
      page.evaluate(
        (entry) => performance.getEntriesByName(entry).map((each) => Math.round(each.duration)),
        name,
      );
    await expect.poll(() => took("skafu:chart:paint"), { timeout: 60_000 }).not.toEqual([]);
    for (let turn = 0; turn < 5; turn += 1) {
      const before = (await took("skafu:chart:update")).length;
      await page.getByRole("button", { name: "Update" }).click();
      await expect
        .poll(async () => (await took("skafu:chart:update")).length)
        .toBeGreaterThan(before);
    }
    const [paint, update] = [await took("skafu:chart:paint"), await took("skafu:chart:update")];
    process.stdout.write(
      `first paint ${paint[0]} ms (of ${BUDGET.paint}), updates ${update.join(", ")} ms (of ${BUDGET.update})\n`,
    );
  });
});
