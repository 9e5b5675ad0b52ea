import { expect, test } from "vitest";
import { changeText } from "./change-text";

test("a change is told with what it was and is", () => {
  const field = "panels.cpu.title";
  expect(changeText({ field, before: "Old", after: "<b>" })).toBe(`${field}: "Old", now "<b>"`);
  expect(changeText({ field, before: null, after: 3 })).toBe(`${field}: 3 is new`);
  expect(changeText({ field, before: 3, after: null })).toBe(`${field}: 3 is gone`);
});

test("fingerprints are not shown, and long values are cut", () => {
  for (const field of ["panels.cpu.content", "variables.host.default"]) {
    expect(changeText({ field, before: "0123456789ab", after: null })).toBe(`${field} changed`);
  }
  expect(changeText({ field: "name", before: null, after: "x".repeat(500) }).length).toBeLessThan(
    100,
  );
});
