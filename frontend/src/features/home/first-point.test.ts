import { expect, it } from "vitest";
import { firstPoint } from "./first-point";

it("makes a command whose body is what the API takes", () => {
  const text = firstPoint("https://skafu.example", "abc");
  const [, sent] = /-d '(.*)'$/.exec(text) ?? [];
  expect(JSON.parse(sent ?? "")).toEqual({
    metrics: [{ name: "demo.first", value: 42, tags: { from: "curl" } }],
  });
  expect(text).toContain("'https://skafu.example/api/metrics'");
  expect(text).toContain("Bearer abc");
});

it("shows no token before it is asked for one", () => {
  expect(firstPoint("https://skafu.example", null)).toContain("Bearer <token>");
});
