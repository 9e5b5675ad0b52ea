import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { LIVE_MS } from "./data";
import type { Event, Tags } from "./model";
import { tagsKey } from "./model";

/** An alert's history, page by page, newest first; the first pages are kept live. */
export function useHistory(id: string) {
  const api = useApi();
  return usePages(
    ["alerts", id, "history"],
    (cursor, signal) =>
      body(
        api.GET("/api/alerts/{id}/history", {
          params: { path: { id }, query: { limit: "200", ...(cursor && { cursor }) } },
          signal,
        }),
      ),
    { refetchInterval: 2 * LIVE_MS },
  );
}

export function eventsOf(
  pages: readonly { readonly events: readonly Event[] }[],
  tags?: Tags,
): Event[] {
  const all = pages.flatMap((page) => page.events);
  if (tags === undefined) {
    return all;
  }
  const wanted = tagsKey(tags);
  return all.filter((each) => tagsKey(each.tags) === wanted);
}

/** Why something was decided when it was, in words for people. */
export const CAUSES: Readonly<Record<Event["cause"], string>> = {
  data: "its data were complete",
  early: "nothing could undo it any more",
  clock: "waiting for data was over",
  correction: "late data came and changed it",
  late: "data came too late to count",
};
