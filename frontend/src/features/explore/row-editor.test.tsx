import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { createApi } from "~/api/client";
import { ApiProvider } from "~/api/context";
import type { RowError } from "./asked";
import { RowEditor } from "./row-editor";
import { newRow, type Row } from "./rows";

const METRICS = [
  { name: "cpu.load", unit: null, series: 2, last_seen: 0, complete: true },
  { name: "memory.used", unit: "Bytes", series: 1, last_seen: 0, complete: true },
];

/** The catalogue as the API tells it. */
beforeEach(() => {
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    const answer = pathname.endsWith("/tags")
      ? { tags: [{ key: "host", series: 2, values: 2 }], cursor: null, complete: true }
      : { metrics: METRICS, cursor: null };
    return new Response(JSON.stringify(answer), {
      headers: { "Content-Type": "application/json" },
    });
  });
});

function shown(row: Row, error?: RowError) {
  const onChange = vi.fn<(row: Row) => void>();
  const api = createApi(
    { accessToken: async () => "token" },
    async () => false,
    "http://console.test",
  );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider api={api}>
        <RowEditor
          row={row}
          error={error}
          alertRefusal={null}
          canDuplicate
          onChange={onChange}
          onAction={vi.fn()}
        />
      </ApiProvider>
    </QueryClientProvider>,
  );
  return onChange;
}

const empty = newRow("metric", []);

test("a metric is chosen from those that have the text in their names", async () => {
  const onChange = shown(empty);
  await userEvent.type(screen.getByLabelText("Metric of query a"), "used");
  await userEvent.click(await screen.findByText("memory.", { exact: false }));
  expect(onChange).toHaveBeenCalledWith({ ...empty, metric: "memory.used" });
});

test("a name that no metric can have is refused at its field", async () => {
  const onChange = shown(empty);
  await userEvent.type(screen.getByLabelText("Metric of query a"), "no blanks{Enter}");
  expect(screen.getByText("No metric can have this name.")).toBeTruthy();
  expect(onChange).not.toHaveBeenCalled();
});

test("an expression is told when it is finished, with what is wrong beside it", async () => {
  const row: Row = { ...empty, id: "b", kind: "expression" };
  const onChange = shown(row, { field: "expression", reason: "Character 1: no." });
  expect(screen.getByText("Character 1: no.")).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Expression of query b"), "a * 2");
  expect(onChange).not.toHaveBeenCalled();
  await userEvent.keyboard("{Enter}");
  expect(onChange).toHaveBeenCalledWith({ ...row, expression: "a * 2" });
});

test("a filter that was chosen is a token, its markup text, and can be removed", async () => {
  const row: Row = {
    ...empty,
    metric: "cpu.load",
    filters: [{ tag: "host", op: "=", value: "<b>x</b>" }],
  };
  const onChange = shown(row);
  expect(screen.getByText("host = <b>x</b>")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: /^Remove the filter host = <b>x/ }));
  expect(onChange).toHaveBeenCalledWith({ ...row, filters: [] });
});

test("a query is hidden, and its reason of the API shown where it has no field", async () => {
  const onChange = shown({ ...empty, metric: "cpu.load" }, { field: "unit", reason: "differs" });
  expect(screen.getByRole("alert").textContent).toBe("unit: differs");
  await userEvent.click(screen.getByRole("button", { name: "Hide query a" }));
  expect(onChange).toHaveBeenCalledWith({ ...empty, metric: "cpu.load", hidden: true });
});
