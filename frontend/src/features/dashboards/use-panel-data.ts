import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "~/api/context";
import { ask } from "~/api/query-hooks";
import type { Span } from "~/ui/chart/types";
import { PANEL_KINDS, type Panel } from "./model";
import { requestFor } from "./panel-query";
import { type Choices, substituted } from "./substitution";

/** An answer stays for a while when its panel is scrolled away, and is not kept for ever. */
const KEPT_MS = 120_000;

/** What a panel shows: asked for while it is on the screen, kept while the next answer is awaited. */
export function usePanelData(
  panel: Panel,
  view: { choices: Choices; span: Span },
  place: { seen: boolean; width: number },
) {
  const api = useApi();
  const { choices } = view;
  const { start, end } = view.span;
  const asked = useMemo(() => substituted(panel.queries, choices), [panel.queries, choices]);
  const queries = "queries" in asked ? asked.queries : null;
  const { type } = panel;
  const { width } = place;
  const request = useMemo(
    () => (queries === null ? null : requestFor({ type }, queries, { start, end }, width)),
    [type, queries, start, end, width],
  );
  const query = useQuery({
    queryKey: ["query", "panel", request],
    queryFn: async ({ signal }) => {
      if (request === null) {
        throw new Error("a panel whose queries are refused asks for nothing");
      }
      const { queries: wanted, points, ...span } = request;
      return { answer: await ask(api, wanted, span, points, signal), request };
    },
    enabled: place.seen && width > 0 && request !== null && PANEL_KINDS[type].queries,
    // The range is in the key: the same question has the same answer until the next one.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
    placeholderData: keepPreviousData,
  });
  const shown = query.data;
  return {
    query,
    queries: queries ?? [],
    /** Why the queries cannot be asked with the values chosen. */
    refused: "refused" in asked ? asked.refused : null,
    /** What is shown answers other queries than are asked for now. */
    outdated:
      shown !== undefined &&
      JSON.stringify(shown.request.queries) !== JSON.stringify(request?.queries ?? null),
  };
}

export type PanelData = ReturnType<typeof usePanelData>;
