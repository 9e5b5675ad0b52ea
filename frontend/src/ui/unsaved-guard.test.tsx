import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { UnsavedGuard } from "./unsaved-guard";

async function open(changed: boolean) {
  const left: string[] = [];
  const draft = {
    isChanged: () => changed,
    discard: () => {
      left.push("discarded");
    },
  };
  const root = createRootRoute({ component: Outlet });
  const edit = createRoute({
    getParentRoute: () => root,
    path: "/edit",
    validateSearch: (search: Record<string, unknown>) => search,
    component: () => (
      <>
        <h1>Edit</h1>
        <UnsavedGuard draft={draft} />
      </>
    ),
  });
  const other = createRoute({
    getParentRoute: () => root,
    path: "/other",
    component: () => <h1>Other</h1>,
  });
  const history = createMemoryHistory({ initialEntries: ["/edit"] });
  const router = createRouter({ routeTree: root.addChildren([edit, other]), history });
  render(<RouterProvider router={router as never} />);
  await screen.findByRole("heading", { name: "Edit" });
  return { left, go: (href: string) => void router.navigate({ href }) };
}

const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

it("asks before what was changed is left behind", async () => {
  const { left, go } = await open(true);
  go("/other");
  await screen.findByText(/is not saved/);
  await userEvent.click(screen.getAllByRole("button", { name: "Stay" })[0] as HTMLElement);
  expect(screen.getByRole("heading", { name: "Edit" })).toBeTruthy();
  go("/other");
  await screen.findByText(/is not saved/);
  await press("Leave");
  await screen.findByRole("heading", { name: "Other" });
  expect(left).toEqual(["discarded"]);
});

it("does not ask when nothing was changed", async () => {
  const { go } = await open(false);
  go("/other");
  await screen.findByRole("heading", { name: "Other" });
});

it("does not ask when the page stays and only its view changes", async () => {
  const { go } = await open(true);
  go("/edit?last=60");
  await waitFor(() => expect(screen.getByRole("heading", { name: "Edit" })).toBeTruthy());
  expect(screen.queryByText(/is not saved/)).toBeNull();
});
