import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { Stale } from "./stale";

const REFRESHING = { dataUpdatedAt: Date.now() - 120_500, isFetching: false };

it("says how old what is shown is, and why, when it could not be refreshed", async () => {
  let asked = 0;
  const refetch = () => {
    asked += 1;
  };
  const error = new Error("The API cannot be reached.");
  render(<Stale query={{ ...REFRESHING, data: [], error, refetch }} what="the alerts" />);
  expect(screen.getByText(/What you see of the alerts/).textContent).toContain("2 min ago");
  expect(screen.getByText(/cannot be reached/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(asked).toBe(1);
});

it("says nothing of what is fresh, nor of what was never had", () => {
  const { container } = render(
    <>
      <Stale query={{ ...REFRESHING, data: [], error: null, refetch: () => undefined }} />
      <Stale
        query={{ ...REFRESHING, data: undefined, error: new Error("x"), refetch: () => undefined }}
      />
    </>,
  );
  expect(container.textContent).toBe("");
});
