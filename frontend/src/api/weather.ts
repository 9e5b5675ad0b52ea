/**
 * How it stands with the API, from what its answers tell: for one quiet banner. Pure: what happened
 * comes as events with the moment (epoch ms of this browser).
 */

export interface Weather {
  /** Since when nothing, or nothing but failures of the server, came back; null while it answers. */
  readonly downSince: number | null;
  /** Until when the API asked to be left alone (429); null when it did not. */
  readonly limitedUntil: number | null;
  /** When the last answer came: what is shown is of that time at best. */
  readonly lastAnswer: number | null;
  /** Requests under way, by number, with when they began. */
  readonly pending: ReadonlyMap<number, number>;
}

export type Outcome =
  | { readonly kind: "answered" }
  | { readonly kind: "unreachable" }
  | { readonly kind: "limited"; readonly seconds: number | null }
  | { readonly kind: "gone" };

export const FAIR: Weather = {
  downSince: null,
  limitedUntil: null,
  lastAnswer: null,
  pending: new Map(),
};

/** An answer that takes longer than this is worth a word. */
export const SLOW_MS = 5_000;

/** How long to leave the API alone when it does not say. */
const STANDARD_PAUSE_S = 5;

export function begun(weather: Weather, id: number, at: number): Weather {
  return { ...weather, pending: new Map(weather.pending).set(id, at) };
}

export function ended(weather: Weather, id: number, outcome: Outcome, at: number): Weather {
  const pending = new Map(weather.pending);
  pending.delete(id);
  const rest = { ...weather, pending };
  switch (outcome.kind) {
    case "answered":
      return { ...rest, downSince: null, limitedUntil: null, lastAnswer: at };
    case "unreachable":
      return { ...rest, downSince: weather.downSince ?? at };
    case "limited": {
      const until = at + (outcome.seconds ?? STANDARD_PAUSE_S) * 1000;
      const limitedUntil = Math.max(until, weather.limitedUntil ?? 0);
      return { ...rest, downSince: null, lastAnswer: at, limitedUntil };
    }
    case "gone":
      return rest;
  }
}

/** What an answer's status says of the API: 502 to 504 are the gateway's, when nothing is behind it. */
export function outcomeOf(status: number, retryAfter: number | null): Outcome {
  if (status === 429) {
    return { kind: "limited", seconds: retryAfter };
  }
  return { kind: status >= 502 && status <= 504 ? "unreachable" : "answered" };
}

/** What to tell people now; the worst first. Null when there is nothing to tell. */
export type Report =
  | { readonly kind: "offline"; readonly lastAnswer: number | null }
  | { readonly kind: "down"; readonly lastAnswer: number | null }
  | { readonly kind: "limited"; readonly until: number }
  | { readonly kind: "slow" };

export function report(weather: Weather, online: boolean, at: number): Report | null {
  if (!online) {
    return { kind: "offline", lastAnswer: weather.lastAnswer };
  }
  if (weather.downSince !== null) {
    return { kind: "down", lastAnswer: weather.lastAnswer };
  }
  if (weather.limitedUntil !== null && at < weather.limitedUntil) {
    return { kind: "limited", until: weather.limitedUntil };
  }
  const slow = [...weather.pending.values()].some((since) => at - since >= SLOW_MS);
  return slow ? { kind: "slow" } : null;
}
