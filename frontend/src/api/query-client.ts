import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem";

const MAX_TRIES = 3;
const JUST_NOW_MS = 5_000;

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
  // Whoever may not do what the page offered has another role by now, or none.
  const onError = (error: unknown) => {
    if (error instanceof ApiProblem && error.status === 403) {
      const me = client.getQueryState(["me"]);
      if (me !== undefined && Date.now() - me.dataUpdatedAt > JUST_NOW_MS) {
        void client.refetchQueries({ queryKey: ["me"] });
      }
    }
  };
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => query.queryKey[0] !== "me" && onError(error),
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: mayRetry, retryDelay, staleTime: 5_000, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
  return client;
}
