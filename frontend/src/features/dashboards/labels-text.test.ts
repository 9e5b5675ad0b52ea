import { expect, test } from "vitest";
import { labelsOf, labelsText } from "./labels-text";

test("labels are written and read", () => {
  const labels = { team: "web", app: "shop=1" };
  expect(labelsText(labels)).toBe("team=web, app=shop=1");
  expect(labelsOf(labelsText(labels))).toEqual({ labels });
  expect(labelsOf(" , ")).toEqual({ labels: {} });
});

test("a label without a value is told", () => {
  expect(labelsOf("team")).toEqual({ reason: "Write team with its value: team=..." });
  expect(labelsOf("=web")).toHaveProperty("reason");
});
