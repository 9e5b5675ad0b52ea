import { act, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { Chart } from "./chart";
import type { ChartProps, ChartSeries } from "./types";

const MINUTE = 60_000;

function line(id: string, values: (number | null)[]): ChartSeries {
  return {
    id,
    label: `host=${id}`,
    tags: { host: id },
    timestamps: values.map((_, i) => i * MINUTE),
    values,
  };
}

const props: ChartProps = {
  title: "CPU by host",
  series: [line("a", [10, null, 30]), line("b", [5, 6, 7])],
  range: { start: 0, end: 3 * MINUTE },
  period: 60,
  unit: "Percent",
};

/** uPlot draws in a microtask; then the sliders know where they are. */
async function drawn(more: Partial<ChartProps> = {}) {
  const found = render(<Chart {...props} {...more} />);
  await act(async () => undefined);
  return found;
}

test("a reader hears what the picture shows", async () => {
  await drawn({ lines: [{ id: "t", value: 20, label: "Threshold", tone: "critical" }] });
  const picture = screen.getByRole("img", { name: "CPU by host" });
  const summary = document.getElementById(picture.getAttribute("aria-describedby") ?? "");
  expect(summary?.textContent).toContain("2 series, 1 gap.");
  expect(summary?.textContent).toContain(
    "host=a: least 10\u202f%, most 30\u202f%, last 30\u202f%.",
  );
  expect(summary?.textContent).toContain("Threshold at 20\u202f%.");
});

test("the table has the same numbers, the newest first, and gaps as gaps", async () => {
  await drawn();
  await userEvent.click(screen.getByRole("button", { name: "Show as table" }));
  const rows = within(screen.getByRole("table")).getAllByRole("row").slice(1);
  const cells = rows.map((row) =>
    within(row)
      .getAllByRole("cell")
      .map((cell) => cell.textContent),
  );
  expect(cells).toEqual([
    ["30\u202f%", "7\u202f%"],
    ["–", "6\u202f%"],
    ["10\u202f%", "5\u202f%"],
  ]);
});

test("a page can keep whether the table is shown", async () => {
  const onAsTable = vi.fn();
  await drawn({ asTable: true, onAsTable });
  expect(screen.getByRole("table")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Show as chart" }));
  expect(onAsTable).toHaveBeenCalledWith(false);
});

test("markup in a tag's value is text", async () => {
  await drawn({ series: [line("<b>bold</b>", [1])] });
  expect(screen.getByText("host=<b>bold</b>")).toBeTruthy();
  expect(document.querySelector(".chart b b")).toBeNull();
});

test("a click in the legend shows one series alone", async () => {
  await drawn();
  const [a, b] = within(screen.getByRole("list", { name: "Series" })).getAllByRole("button");
  await userEvent.click(a as HTMLElement);
  expect(a?.getAttribute("aria-pressed")).toBe("true");
  expect(b?.getAttribute("aria-pressed")).toBe("false");
});

test("of many series it says how many are drawn, and draws all when asked", async () => {
  const many = Array.from({ length: 30 }, (_, i) => line(`h${i}`, [i]));
  await drawn({ series: many });
  expect(screen.getByText(/The 24 largest of 30 series are drawn/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Draw all" }));
  expect(screen.getByText(/All 30 series are drawn/)).toBeTruthy();
});

test("nothing says so", async () => {
  await drawn({ series: [] });
  expect(screen.getAllByText("No data in this range.").length).toBeGreaterThan(0);
  expect(screen.getByRole("button", { name: "Download CSV" })).toHaveProperty("disabled", true);
});

describe("a threshold", () => {
  const threshold = { id: "t", value: 20, label: "Threshold", tone: "critical" } as const;

  test("is moved by keys: told while it moves, and once when the key is let go", async () => {
    const onMove = vi.fn();
    const onMoved = vi.fn();
    await drawn({ lines: [{ ...threshold, onMove, onMoved }] });
    const slider = screen.getByRole("slider", { name: "Threshold" });
    expect(slider.getAttribute("aria-valuetext")).toBe("20\u202f%");
    fireEvent.keyDown(slider, { key: "ArrowUp" });
    fireEvent.keyDown(slider, { key: "ArrowUp" });
    expect(onMoved).not.toHaveBeenCalled();
    fireEvent.keyUp(slider, { key: "ArrowUp" });
    expect(onMove).toHaveBeenCalledTimes(2);
    expect(onMoved).toHaveBeenCalledExactlyOnceWith(onMove.mock.lastCall?.[0]);
    expect(onMoved.mock.calls[0]?.[0]).toBeGreaterThan(20);
  });

  test("moves ten times as far with Shift", async () => {
    const onMoved = vi.fn();
    await drawn({ lines: [{ ...threshold, onMoved }] });
    const slider = screen.getByRole("slider", { name: "Threshold" });
    for (const shiftKey of [false, true]) {
      fireEvent.keyDown(slider, { key: "ArrowDown", shiftKey });
      fireEvent.keyUp(slider, { key: "ArrowDown", shiftKey });
    }
    const [one, ten] = onMoved.mock.calls.map(([value]) => 20 - (value as number));
    expect(ten).toBeCloseTo(10 * (one as number), 6);
  });

  test("that cannot be moved is no slider", async () => {
    await drawn({ lines: [threshold] });
    expect(screen.queryByRole("slider", { name: "Threshold" })).toBeNull();
  });
});

test("the keyboard walks through time, and zooms into what it marks", async () => {
  const onZoom = vi.fn();
  await drawn({ onZoom });
  const cursor = screen.getByRole("slider", { name: "Moment in CPU by host" });
  fireEvent.keyDown(cursor, { key: "Home" });
  expect(cursor.getAttribute("aria-valuenow")).toBe("0");
  expect(cursor.getAttribute("aria-valuetext")).toContain("host=a 10\u202f%, host=b 5\u202f%");
  fireEvent.keyDown(cursor, { key: "ArrowRight", shiftKey: true });
  fireEvent.keyDown(cursor, { key: "Enter" });
  expect(onZoom).toHaveBeenCalledExactlyOnceWith({ start: 0, end: 2 * MINUTE });
});
