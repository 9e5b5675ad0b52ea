import { expect, test } from "vitest";
import { contentOf } from "../dashboards/model";
import { alertDraft, alertRefusal, panelOf, titleOf } from "./handing-over";
import { newRow, type Row } from "./rows";

const base = newRow("metric", []);
const cpu: Row = {
  ...base,
  metric: "cpu",
  groupBy: ["host"],
  filters: [{ tag: "zone", op: "=", value: "1" }],
};
const half: Row = { ...base, id: "b", kind: "expression", expression: "a / 2" };

test("an alert begins with what is shown", () => {
  expect(JSON.parse(alertDraft(cpu, 60))).toEqual({
    metric: "cpu",
    statistic: "avg",
    period: 60,
    filters: [{ tag: "zone", op: "=", value: "1" }],
    group_by: ["host"],
  });
  expect(JSON.parse(alertDraft({ ...cpu, period: 300 }, 60)).period).toBe(300);
});

test("an alert does not follow a chart's finest periods, only what was chosen", () => {
  expect(JSON.parse(alertDraft(cpu, 5)).period).toBe(60);
  expect(JSON.parse(alertDraft(cpu, 3_600)).period).toBe(3_600);
  expect(JSON.parse(alertDraft({ ...cpu, period: 10 }, 5)).period).toBe(10);
});

test("no alert watches an expression, or nothing", () => {
  expect(alertRefusal(cpu)).toBeNull();
  expect(alertRefusal(half)).toContain("Alerts watch a metric");
  expect(alertRefusal(base)).toBe("Choose a metric first.");
});

test("a panel has the complete queries, a free place and an id of its own", () => {
  const content = {
    ...contentOf({ name: "x" } as never),
    panels: [
      {
        id: "panel-1",
        title: "",
        type: "text",
        x: 0,
        y: 0,
        w: 4,
        h: 2,
        queries: [],
        thresholds: [],
      },
    ],
  } as never;
  const panel = panelOf(
    [{ ...cpu, hidden: true }, half, { ...base, id: "c" }],
    content,
    "Half",
    "line",
    () => ({
      x: 4,
      y: 0,
    }),
  );
  expect(panel).toMatchObject({ title: "Half", type: "line", x: 4, y: 0, w: 6, h: 4 });
  expect(panel.id).not.toBe("panel-1");
  expect(panel.queries).toEqual([
    {
      id: "a",
      metric: "cpu",
      statistic: "avg",
      hidden: true,
      filters: [{ tag: "zone", op: "=", value: "1" }],
      group_by: ["host"],
    },
    { id: "b", expression: "a / 2" },
  ]);
});

test("a panel is called by what it shows", () => {
  expect(titleOf([{ ...cpu, hidden: true }, half])).toBe("a / 2");
});
