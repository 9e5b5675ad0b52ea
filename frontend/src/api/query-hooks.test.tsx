import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { createApi } from "./client";
import { ApiProvider } from "./context";
import { useMetricQuery } from "./query-hooks";

interface Asked {
  readonly start: number;
  readonly end: number;
  readonly max_points: number;
}

/** The real client against answers of our own; `asked` is what was sent. */
function world(answer: (body: Asked, turn: number) => Response) {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const body = (await request.json()) as Asked;
    asked.push(body);
    return answer(body, asked.length);
  });
  const session = { accessToken: async () => "token" };
  const api = createApi(session, async () => false, "http://console.test");
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = (props: { children: ReactNode }) => (
    <QueryClientProvider client={client}>
      <ApiProvider api={api}>{props.children}</ApiProvider>
    </QueryClientProvider>
  );
  return { asked, wrapper };
}

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json" },
  });
const good = (warnings: string[] = []) => json({ results: [], warnings, cursor: null });
const queries = [{ id: "a", metric: "cpu" }];
const fixed = { start: 1_000, end: 61_000 };

test("asks for the range with at most two points a pixel, and gives warnings on", async () => {
  const { asked, wrapper } = world(() => good(["2 series are left out"]));
  const { result } = renderHook(() => useMetricQuery({ range: fixed, queries, width: 500 }), {
    wrapper,
  });
  await waitFor(() => expect(result.current.last).toBeDefined());
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ start: 1_000, end: 61_000 });
  expect(asked[0]?.max_points).toBeLessThanOrEqual(1_000);
  expect(result.current.warnings).toEqual(["2 series are left out"]);
  expect(result.current.isOld).toBe(false);
});

test("asks nothing while the width is not known, or nothing is to be shown", async () => {
  const { asked, wrapper } = world(() => good());
  const hidden = [{ id: "a", metric: "cpu", hidden: true }];
  renderHook(() => useMetricQuery({ range: fixed, queries, width: 0 }), { wrapper });
  renderHook(() => useMetricQuery({ range: fixed, queries: hidden, width: 500 }), { wrapper });
  await act(async () => undefined);
  expect(asked).toHaveLength(0);
});

test("asks for fewer points where so many series have no room for more", async () => {
  const reason = "an answer has at most 100,800 points; this would have 120,000 or more: ask ...";
  const { asked, wrapper } = world((_, turn) =>
    turn === 1
      ? json({ title: "Unprocessable", errors: [{ field: "queries", reason }] }, 422)
      : good(),
  );
  const { result } = renderHook(() => useMetricQuery({ range: fixed, queries, width: 500 }), {
    wrapper,
  });
  await waitFor(() => expect(result.current.last).toBeDefined());
  // 60 buckets of a second: so there are 2,000 series.
  expect(asked.map((each) => each.max_points)).toEqual([960, 50]);
  await act(() => result.current.query.refetch());
  expect(asked[2]?.max_points).toBe(50);
});

test("shows the answer before as long as another is awaited, and where it fails", async () => {
  const { wrapper } = world((body) =>
    body.start === 1_000 ? good() : json({ title: "Down", detail: "Try later." }, 500),
  );
  const { result, rerender } = renderHook(
    (range: { start: number; end: number }) => useMetricQuery({ range, queries, width: 500 }),
    { wrapper, initialProps: fixed },
  );
  await waitFor(() => expect(result.current.last).toBeDefined());
  rerender({ start: 2_000, end: 3_000 });
  expect(result.current).toMatchObject({ isOld: true, last: { span: fixed } });
  await waitFor(() => expect(result.current.error?.message).toBe("Try later."));
  expect(result.current).toMatchObject({ isOld: true, last: { span: fixed } });
});

test("what is compared with is asked for earlier, and told as of now", async () => {
  const { asked, wrapper } = world(() => good());
  const { result } = renderHook(
    () => useMetricQuery({ range: fixed, queries, width: 500 }, { shift: 500 }),
    { wrapper },
  );
  await waitFor(() => expect(result.current.last).toBeDefined());
  expect(asked[0]).toMatchObject({ start: 500, end: 60_500 });
  expect(result.current.last?.span).toEqual(fixed);
});
