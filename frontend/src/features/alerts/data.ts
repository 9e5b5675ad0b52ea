import { useQuery } from "@tanstack/react-query";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { useSession } from "~/auth/session";
import type { Alert } from "./model";

/** What the alerts' pages read, and how often: a page that is looked at is asked for anew every ten seconds. */
export const LIVE_MS = 10_000;
const SELDOM_MS = 60_000;

export function useAlert(id: string, live = true) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", id],
    queryFn: ({ signal }): Promise<Alert> =>
      body(api.GET("/api/alerts/{id}", { params: { path: { id } }, signal })),
    ...(live ? { refetchInterval: LIVE_MS } : { staleTime: 0, refetchOnWindowFocus: false }),
  });
}

/** Silences that mute something now. */
export function useActiveSilences() {
  const api = useApi();
  return useQuery({
    queryKey: ["silences", "active"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/silences", { params: { query: { state: "active" } }, signal })),
    refetchInterval: 3 * LIVE_MS,
    select: (found) => found.silences,
  });
}

/** All channels, for their names. */
export function useChannels() {
  const api = useApi();
  return useQuery({
    queryKey: ["channels", "all"],
    queryFn: ({ signal }) => body(api.GET("/api/channels", { signal })),
    staleTime: SELDOM_MS,
    select: (found) => found.channels,
  });
}

/** Who somebody is: "you", the name or address where the team has such a member, else the id. */
export function usePeople(): (id: string | null | undefined) => string {
  const api = useApi();
  const { id: mine } = useSession();
  const members = useQuery({
    queryKey: ["members", "names"],
    queryFn: ({ signal }) => body(api.GET("/api/members", { signal })),
    staleTime: SELDOM_MS,
    select: (found) =>
      new Map(found.members.map((each) => [each.id, each.name ?? each.email ?? each.id])),
  });
  return (id) => {
    if (id == null) {
      return "nobody";
    }
    return id === mine ? "you" : (members.data?.get(id) ?? id);
  };
}

/** People who can be assigned. */
export function useAssignable(): readonly { readonly id: string; readonly name: string }[] {
  const api = useApi();
  const { id: mine } = useSession();
  const members = useQuery({
    queryKey: ["members", "names"],
    queryFn: ({ signal }) => body(api.GET("/api/members", { signal })),
    staleTime: SELDOM_MS,
  });
  const others = (members.data?.members ?? [])
    .filter((each) => each.id !== mine && each.status === "active")
    .map((each) => ({ id: each.id, name: each.name ?? each.email ?? each.id }));
  return [{ id: mine, name: "You" }, ...others];
}
