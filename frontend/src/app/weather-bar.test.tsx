import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { observe } from "~/api/clock";
import { forgetWeather, observeRequest } from "~/api/observed";
import { WeatherBar } from "./weather-bar";

function open() {
  const client = new QueryClient();
  const asked: unknown[] = [];
  client.refetchQueries = async (filters) => {
    asked.push(filters?.queryKey ?? filters?.type);
  };
  render(
    <QueryClientProvider client={client}>
      <WeatherBar />
    </QueryClientProvider>,
  );
  return asked;
}

const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));

describe("what is told of the API", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    forgetWeather();
    observe(new Date().toUTCString(), Date.now());
    vi.useRealTimers();
  });

  it("is nothing in fair weather", () => {
    open();
    expect(screen.queryByText(/API|clock/)).toBeNull();
  });

  it("is that it is down; it is asked every ten seconds, and all that failed when it is back", () => {
    const asked = open();
    act(() => observeRequest()({ kind: "unreachable" }));
    expect(screen.getByText(/cannot be reached/)).toBeTruthy();
    wait(20_000);
    expect(asked).toEqual([["me"], ["me"]]);
    act(() => observeRequest()({ kind: "answered" }));
    expect(screen.queryByText(/cannot be reached/)).toBeNull();
    expect(asked.at(-1)).toBe("active");
    wait(60_000);
    expect(asked).toHaveLength(3);
  });

  it("counts down when it asked to be left alone", () => {
    open();
    act(() => observeRequest()({ kind: "limited", seconds: 20 }));
    expect(screen.getByText(/asked again in/).textContent).toContain("20 s");
    wait(5_000);
    expect(screen.getByText(/asked again in/).textContent).toContain("15 s");
    wait(15_000);
    expect(screen.queryByText(/asked again in/)).toBeNull();
  });

  it("is that it is slow after five seconds, until it answers", () => {
    open();
    const done = { call: () => {} };
    act(() => {
      const end = observeRequest();
      done.call = () => end({ kind: "answered" });
    });
    wait(6_000);
    expect(screen.getByText(/longer than usual/)).toBeTruthy();
    act(() => done.call());
    expect(screen.queryByText(/longer than usual/)).toBeNull();
  });

  it("is also that the computer's clock is wrong", () => {
    observe(new Date(Date.now() + 7_200_000).toUTCString(), Date.now());
    open();
    expect(screen.getByText(/2 hours behind/)).toBeTruthy();
  });
});
