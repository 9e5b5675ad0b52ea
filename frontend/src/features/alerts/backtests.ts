import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type Api, body } from "~/api/client";
import { now } from "~/api/clock";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import { submission } from "./draft";
import { rulesOf } from "./evaluation/rules";
import type { AlertDraft, AlertIn, Backtest } from "./model";

const DAY_MS = 86_400_000;
/** After the last change: who drags, or types a number, is not done at every step. */
const SETTLED_MS = 500;

export interface Window {
  readonly id: "day" | "week" | "month";
  readonly label: string;
  readonly ms: number;
}

/** Smallest first: the answer for the day is there while the month is still read. */
export const WINDOWS: readonly Window[] = [
  { id: "day", label: "Last day", ms: DAY_MS },
  { id: "week", label: "Last week", ms: 7 * DAY_MS },
  { id: "month", label: "Last 30 days", ms: 30 * DAY_MS },
];

export interface Tried {
  readonly window: Window;
  readonly result: Backtest | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
}

/** The value after it has not changed for a while. */
export function useSettled<T>(value: T, key: string, delay = SETTLED_MS): T {
  const [settled, setSettled] = useState({ value, key });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ value, key }), delay);
    return () => clearTimeout(timer);
  }, [value, key, delay]);
  return settled.value;
}

/** Whether enough is said to try the draft on the past. */
export function isTriable(draft: AlertDraft): boolean {
  switch (draft.type ?? "metric") {
    case "composite":
      return draft.condition != null;
    case "heartbeat":
      return hasMetric(draft) && (draft.no_data_for != null || draft.period != null);
    default:
      return hasMetric(draft) && rulesOf(draft) !== null;
  }
}

function hasMetric(draft: AlertDraft): boolean {
  return draft.metric != null && draft.metric !== "";
}

/** What of a draft matters to a backtest: names, people and texts do not. */
export function triedPart(draft: AlertDraft): AlertIn {
  const {
    channels: _,
    description: __,
    runbook_url: ___,
    labels: ____,
    ...rest
  } = submission(draft);
  return { ...rest, name: "draft" } as AlertIn;
}

function ask(
  api: Api,
  id: string | null,
  alert: AlertIn,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<Backtest> {
  const asked = { start, end, alert } as never;
  if (id === null) {
    return body(
      api.POST("/api/alerts/backtest", { body: asked, signal }),
    ) as Promise<unknown> as Promise<Backtest>;
  }
  const params = { path: { id } };
  return body(
    api.POST("/api/alerts/{id}/backtest", { params, body: asked, signal }),
  ) as Promise<unknown> as Promise<Backtest>;
}

/**
 * What the draft would have done in the last day, week and month, by the server. With `id` the stored
 * alert is compared. A change gives up what is under way.
 */
export function useBacktests(draft: AlertDraft, id: string | null): readonly Tried[] {
  const api = useApi();
  const triable = isTriable(draft);
  const part = triedPart(draft);
  const key = JSON.stringify(part);
  const alert = useSettled(part, key);
  const settledKey = JSON.stringify(alert);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each draft is tried up to the moment when it came
  const end = useMemo(() => Math.floor(now() / 1000) * 1000, [settledKey]);
  const options = (window: Window, enabled: boolean) => ({
    queryKey: ["backtest", id, settledKey, window.id, end],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      ask(api, id, alert, end - window.ms, end, signal),
    // What is still changing is not tried: the settled one may be an older, incomplete one.
    enabled: triable && settledKey === key && enabled,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
  });
  const [first, second, third] = WINDOWS as readonly [Window, Window, Window];
  const day = useQuery(options(first, true));
  const week = useQuery(options(second, !day.isPending));
  const month = useQuery(options(third, !day.isPending && !week.isPending));
  const waiting = settledKey !== key;
  return [day, week, month].map((each, place) => ({
    window: WINDOWS[place] as Window,
    result: waiting ? undefined : each.data,
    error: waiting ? null : each.error,
    isPending: triable && (waiting || each.isPending),
  }));
}

/** Why a backtest could not be made, in the API's words; fields as they are called in the draft. */
export function whyNot(error: unknown): string {
  if (error instanceof ApiProblem && error.errors.length > 0) {
    return error.errors.map((each) => `${fieldOf(each.field)}: ${each.reason}`).join(" ");
  }
  return error instanceof Error ? error.message : String(error);
}

function fieldOf(field: string): string {
  return field.replace(/^alert\./, "");
}
