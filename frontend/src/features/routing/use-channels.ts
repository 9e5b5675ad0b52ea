import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import type { Channel } from "~/features/channels/channel";

/** The channels that routes and alerts may name, and what an id is called. */
export function useChannels(): {
  readonly channels: readonly Channel[];
  readonly nameOf: (id: string) => string;
} {
  const api = useApi();
  const found = usePages(["channels", "all"], (cursor, signal) =>
    body(
      api.GET("/api/channels", {
        params: { query: { limit: "100", ...(cursor === undefined ? {} : { cursor }) } },
        signal,
      }),
    ),
  );
  const channels = found.pages.flatMap((page) => page.channels);
  return {
    channels,
    nameOf: (id) => channels.find((each) => each.id === id)?.name ?? id,
  };
}
