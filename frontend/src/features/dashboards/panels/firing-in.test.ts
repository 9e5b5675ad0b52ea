import { expect, test } from "vitest";
import type { Firing } from "~/features/alerts/firing";
import { firingIn } from "./firing-in";

const firing = (severity: string, labels: Record<string, string>) =>
  ({ alert: { id: severity, labels }, instance: {}, severity }) as unknown as Firing;
const all = [firing("critical", { team: "web", app: "shop" }), firing("high", { team: "web" })];

test("an alert list shows all, those of a severity, or those with all the labels", () => {
  const shown = (asked?: Parameters<typeof firingIn>[1]) =>
    firingIn(all, asked).map((each) => each.severity);
  expect(shown()).toEqual(["critical", "high"]);
  expect(shown({ severity: "high" })).toEqual(["high"]);
  expect(shown({ labels: { team: "web" } })).toEqual(["critical", "high"]);
  expect(shown({ labels: { team: "web", app: "shop" } })).toEqual(["critical"]);
  expect(shown({ severity: "high", labels: { app: "shop" } })).toEqual([]);
});
