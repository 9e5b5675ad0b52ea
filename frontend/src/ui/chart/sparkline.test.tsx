import { render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { Sparkline, sparkPath } from "./sparkline";

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});

test("a gap interrupts the line", () => {
  const path = sparkPath([1, 2, null, 3, 4], 100, 20);
  expect(path.match(/M/g)).toHaveLength(2);
  expect(path.match(/L/g)).toHaveLength(2);
});

test("a lonely point can be seen", () => {
  expect(sparkPath([1, null, 3], 100, 20).match(/h0\.1/g)).toHaveLength(2);
});

test("nothing draws nothing, and says so", () => {
  expect(sparkPath([], 100, 20)).toBe("");
  render(<Sparkline label="CPU" values={[null]} description="last 12 %" />);
  expect(screen.getByRole("img", { name: "CPU: no data" })).toBeTruthy();
});

test("a reader hears what it shows", () => {
  render(<Sparkline label="CPU" values={[1, 2]} description="last 2 %" />);
  expect(screen.getByRole("img", { name: "CPU: last 2 %" })).toBeTruthy();
});
