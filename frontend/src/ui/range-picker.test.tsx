import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { RangePicker } from "./range-picker";
import type { TimeRange } from "./time-range";

function shown(range: TimeRange) {
  const chosen: TimeRange[] = [];
  render(<RangePicker range={range} onChange={(each) => chosen.push(each)} />);
  return { chosen, opener: screen.getByRole("button", { name: /^Time range/ }) };
}

test("a preset is chosen, and the focus comes back", async () => {
  const { chosen, opener } = shown({ last: 3_600 });
  await userEvent.click(opener);
  expect(document.activeElement?.textContent).toBe("Last hour");
  await userEvent.click(screen.getByRole("button", { name: "Last day" }));
  expect(chosen).toEqual([{ last: 86_400 }]);
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(document.activeElement).toBe(opener);
});

test("Escape closes it and changes nothing", async () => {
  const { chosen, opener } = shown({ last: 3_600 });
  await userEvent.click(opener);
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(chosen).toEqual([]);
});

test("a stretch that ends before it begins is refused with the reason", async () => {
  const { chosen, opener } = shown({ start: 60_000, end: 120_000 });
  await userEvent.click(opener);
  await userEvent.clear(screen.getByLabelText("To"));
  await userEvent.click(screen.getByRole("button", { name: "Show" }));
  expect(screen.getByRole("alert").textContent).toBe("Enter both times.");
  expect(chosen).toEqual([]);
});

test("zooming out shows twice as much", async () => {
  const { chosen } = shown({ last: 900 });
  await userEvent.click(screen.getByRole("button", { name: /^Zoom out/ }));
  expect(chosen).toEqual([{ last: 1_800 }]);
});
