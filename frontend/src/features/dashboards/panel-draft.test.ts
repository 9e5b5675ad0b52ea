import { expect, test } from "vitest";
import type { Panel } from "./model";
import { checkedPanel, withType } from "./panel-draft";

const panel: Panel = {
  ...{ id: "cpu", title: "CPU", type: "line", x: 6, y: 3, w: 6, h: 4 },
  queries: [{ id: "a", metric: "cpu" }],
  thresholds: [{ value: 1, severity: "low" }],
};

test("a sound panel has nothing wrong, wherever it lies", () => {
  expect(checkedPanel(panel, [])).toEqual([]);
});

test("what is missing is told by the panel's own fields", () => {
  const queries = [
    { id: "a", metric: "" },
    { id: "b", expression: " " },
  ];
  expect(checkedPanel({ ...panel, queries }, []).map((each) => each.field)).toEqual([
    "queries.0.metric",
    "queries.1.expression",
  ]);
});

test("a filter's variable must be there", () => {
  const filters = [{ tag: "host", op: "=" as const, value: "$host" }];
  const filtered = { ...panel, queries: [{ id: "a", metric: "cpu", filters }] };
  expect(checkedPanel(filtered, [])[0]?.reason).toMatch(/no variable host/);
  expect(checkedPanel(filtered, [{ name: "host", tag: "host", default: [] }])).toEqual([]);
});

test("another type keeps what it can use", () => {
  expect(withType(panel, "stat")).toMatchObject({ type: "stat", queries: panel.queries });
  const text = withType(panel, "text");
  expect(text).toMatchObject({ type: "text", text: "", queries: [], thresholds: [] });
  expect(checkedPanel(text, [])).toEqual([]);
  const back = withType(text, "table");
  expect(back.queries).toHaveLength(1);
  expect("text" in back).toBe(false);
  expect(withType({ ...panel, w: 1, h: 1 }, "heatmap")).toMatchObject({ w: 3, h: 3 });
});
