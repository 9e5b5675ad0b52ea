import { expect, test } from "vitest";
import { parseSearch } from "~/features/explore/search";
import { exploreSearch } from "./explore-link";

test("Explore reads what a panel asks for", () => {
  const search = exploreSearch(
    [
      {
        ...{ id: "a", metric: "cpu", statistic: "p99", period: 60, fill: "zero", hidden: true },
        filters: [
          { tag: "host", op: "in", value: ["x", "y"] },
          { tag: "zone", op: "exists", value: true },
        ],
        group_by: ["host"],
      },
      { id: "b", expression: "a * 100" },
    ],
    { last: 900 },
  );
  expect(search).toEqual({
    last: 900,
    q: [
      {
        ...{ i: "a", m: "cpu", s: "p99", p: 60, l: "zero", h: 1, g: ["host"] },
        f: [
          ["host", "in", ["x", "y"]],
          ["zone", "exists", true],
        ],
      },
      { i: "b", e: "a * 100" },
    ],
  });
  expect(parseSearch(JSON.parse(JSON.stringify(search)))).toEqual(search);
});
