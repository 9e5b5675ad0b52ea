import { expect, it } from "vitest";
import { AREAS, areaOf, areasFor } from "./areas";

it("finds the area of what lies in it", () => {
  expect(areaOf("/alerts/a1/edit")?.label).toBe("Alerts");
  expect(areaOf("/")?.label).toBe("Home");
  expect(areaOf("/alertsx")).toBeUndefined();
  expect(areaOf("/account")).toBeUndefined();
});

it("offers only admins what only admins can read", () => {
  expect(areasFor("viewer").some((each) => each.admin)).toBe(false);
  expect(areasFor("admin")).toEqual(AREAS);
});

it("has one key for each area", () => {
  expect(new Set(AREAS.map((each) => each.key)).size).toBe(AREAS.length);
});
