import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem";

const MAX_TRIES = 3;

/** Whether trying again may help: not for what the API refused, but for what it could not do now. */
export function mayRetry(failures: number, error: unknown): boolean {
  if (failures >= MAX_TRIES - 1 || !(error instanceof ApiProblem)) {
    return false;
  }
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

/** What the API asked for, else 1 s, 2 s, 4 s. */
export function retryDelay(failures: number, error: unknown): number {
  const asked = error instanceof ApiProblem ? error.retryAfter : null;
  return asked === null ? 1000 * 2 ** failures : asked * 1000;
}

/** Queries' keys begin with the resource: ["alerts", ...], ["query", ...], so that a change can invalidate them all. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: mayRetry, retryDelay, staleTime: 5_000, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}
