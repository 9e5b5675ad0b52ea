import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "./problem";
import { createQueryClient, mayRetry, retryDelay } from "./query-client";

const problem = (status: number, retryAfter: number | null = null) =>
  new ApiProblem(status, {}, retryAfter);

describe("trying again", () => {
  it.each([
    [0, true],
    [429, true],
    [500, true],
    [503, true],
    [400, false],
    [403, false],
    [404, false],
    [412, false],
  ])("after %d is %s", (status, again) => {
    expect(mayRetry(0, problem(status))).toBe(again);
  });

  it("ends after three tries", () => {
    expect([mayRetry(1, problem(500)), mayRetry(2, problem(500))]).toEqual([true, false]);
  });

  it("is not for mistakes of the console", () => {
    expect(mayRetry(0, new TypeError("x is undefined"))).toBe(false);
  });

  it("waits as long as the API asks, else ever longer", () => {
    expect(retryDelay(0, problem(429, 7))).toBe(7_000);
    expect([0, 1, 2].map((failures) => retryDelay(failures, problem(500)))).toEqual([
      1_000, 2_000, 4_000,
    ]);
  });
});

describe("a refusal", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** How often it was asked who is signed in, when something is refused so long after it was known. */
  async function askedAfter(ms: number, status: number): Promise<number> {
    const client = createQueryClient();
    let asked = 0;
    const queryFn = async () => {
      asked += 1;
      return {};
    };
    await client.fetchQuery({ queryKey: ["me"], queryFn });
    vi.advanceTimersByTime(ms);
    const failing = { queryKey: ["alerts"], queryFn: () => Promise.reject(problem(status)) };
    await client.fetchQuery(failing).catch(() => undefined);
    await vi.runAllTimersAsync();
    return asked;
  }

  it("asks anew who is signed in: the role may have changed", async () => {
    expect(await askedAfter(6_000, 403)).toBe(2);
  });

  it("does not ask when it was just asked, nor for other problems", async () => {
    expect(await askedAfter(1_000, 403)).toBe(1);
    expect(await askedAfter(6_000, 404)).toBe(1);
  });
});
