import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "~/api/problem";
import { added, ToastBar, type Toasts, ToastsProvider, useToasts } from "./toasts";

function open(): Toasts {
  const held: { toasts?: Toasts } = {};
  function Page() {
    held.toasts = useToasts();
    return null;
  }
  render(
    <ToastsProvider>
      <ToastBar />
      <Page />
    </ToastsProvider>,
  );
  if (held.toasts === undefined) {
    throw new Error("nothing was rendered");
  }
  return held.toasts;
}

/** The button that closes it; its words are also said to screen readers, so they stand there twice. */
const closing = (text: string) => screen.queryByRole("button", { name: `Close: ${text}` });

describe("toasts", () => {
  beforeEach(() => {
    // There is no layout here, so that what fades away would never be gone.
    document.body.classList.add("awsui-motion-disabled");
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("tell what was done, and go by themselves", () => {
    vi.useFakeTimers();
    const toasts = open();
    act(() => toasts.success("Alert saved"));
    expect(closing("Alert saved")).not.toBeNull();
    act(() => {
      vi.advanceTimersByTime(8_000);
    });
    expect(closing("Alert saved")).toBeNull();
  });

  it("tell what went wrong, with the fields that were refused, until they are closed", async () => {
    const toasts = open();
    const errors = [{ field: "name", reason: "is taken" }];
    act(() => toasts.error("The alert was not saved", new ApiProblem(422, { errors }, null)));
    expect(screen.getAllByText(/name: is taken/)).not.toHaveLength(0);
    await userEvent.click(screen.getByRole("button", { name: "Close: The alert was not saved" }));
    expect(closing("The alert was not saved")).toBeNull();
  });
});

it("the same sentence stands there once, as the newest", () => {
  const toast = (id: number, text: string) => ({ id, type: "info" as const, text });
  const shown = [toast(1, "a"), toast(2, "b"), toast(3, "a")].reduce(added, []);
  expect(shown.map((each) => each.id)).toEqual([3, 2]);
});
