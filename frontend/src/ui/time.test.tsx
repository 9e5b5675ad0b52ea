import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Time } from "./time";

const AT = Date.UTC(2026, 10, 22, 22, 16, 5);

describe("a moment", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: AT + 58_000, shouldAdvanceTime: true });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("grows older while it is looked at", () => {
    render(<Time at={AT} />);
    expect(screen.getByText("58 s ago")).toBeTruthy();
    act(() => {
      vi.advanceTimersByTime(3_000);
    });
    expect(screen.getByText("1 min ago")).toBeTruthy();
  });

  it("can be read by machines", () => {
    render(<Time at={AT} />);
    expect(screen.getByText("58 s ago").getAttribute("datetime")).toBe("2026-11-22T22:16:05.000Z");
  });

  it("tells the date in UTC when it is pointed at or has the focus, until Escape", async () => {
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    render(<Time at={AT} />);
    await user.tab();
    expect(screen.getByRole("tooltip").textContent).toContain("22 Nov 2026, 22:16:05 UTC");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("tooltip")).toBeNull();
    await user.hover(screen.getByText(/ago/));
    expect(screen.getByRole("tooltip")).toBeTruthy();
    await user.unhover(screen.getByText(/ago/));
    expect(screen.queryByRole("tooltip")).toBeNull();
  });
});
