import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { Page } from "~/ui/page";
import { Failure, Loading } from "~/ui/states";
import { FiringList } from "./firing-list";
import { glances } from "./glance";
import { GlanceCards } from "./glance-cards";
import "./home.css";

/** Hardly anybody needs them: they come when they are wanted. */
const FirstSteps = lazy(() =>
  import("./first-steps").then((steps) => ({ default: steps.FirstSteps })),
);

/** What fires, and what matters; for a new tenant, how the first metric comes. */
export function HomePage() {
  const api = useApi();
  const metrics = useQuery({
    queryKey: ["metrics", "first"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/metrics", { params: { query: { limit: "100" } }, signal })),
    refetchInterval: (query) => (query.state.data?.metrics.length === 0 ? 3_000 : 60_000),
  });
  const alerts = useQuery({
    queryKey: ["alerts", "home"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/alerts", { params: { query: { limit: "50" } }, signal })),
    refetchInterval: 60_000,
  });
  const known = metrics.data?.metrics;
  // The steps stay once they were shown: their last one is still to be done when the point has come.
  const [began, setBegan] = useState(false);
  if (known?.length === 0 && !began) {
    setBegan(true);
  }
  const shown = useMemo(
    () => glances(alerts.data?.alerts ?? [], known ?? []),
    [alerts.data, known],
  );
  return (
    <Page title="Home">
      <SpaceBetween size="l">
        {began && (
          <Suspense fallback={<Loading what="the first steps" height={400} />}>
            <FirstSteps received={(known?.length ?? 0) > 0} />
          </Suspense>
        )}
        <FiringList />
        {metrics.isPending && <Loading what="metrics" height={160} />}
        {known === undefined && metrics.error !== null && (
          <Failure error={metrics.error} what="Metrics" onRetry={() => void metrics.refetch()} />
        )}
        {known !== undefined && known.length > 0 && !alerts.isPending && (
          <GlanceCards glances={shown} />
        )}
      </SpaceBetween>
    </Page>
  );
}
