import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import type { components } from "~/api/schema";
import { formatDuration, formatValue, NO_VALUE } from "~/ui/format";
import { Failure, Loading } from "~/ui/states";

type Row = components["schemas"]["NoiseRow"];
const STALE_MS = 300_000;

function share(value: number | null): string {
  return value === null ? NO_VALUE : formatValue(value * 100, "Percent");
}

function Numbers(props: { row: Row }) {
  const { row } = props;
  return (
    <SpaceBetween size="s">
      <KeyValuePairs
        columns={4}
        minColumnWidth={140}
        items={[
          { label: "Pages", value: `${row.pages}${row.truncated ? "+" : ""}` },
          { label: "Flaps", value: String(row.flaps) },
          {
            label: "Open, in the median",
            value:
              row.median_open_seconds === null ? NO_VALUE : formatDuration(row.median_open_seconds),
          },
          { label: "Acknowledged", value: share(row.acknowledged_share) },
          { label: "Out of hours", value: share(row.out_of_hours_share) },
          { label: "Held back", value: row.withheld === null ? NO_VALUE : String(row.withheld) },
          {
            label: "Estimated cost a month",
            value: `$${row.estimated_dollars_a_month.toFixed(4)}`,
          },
        ]}
      />
      {row.suggestion !== null && <Box color="text-body-secondary">{row.suggestion}</Box>}
    </SpaceBetween>
  );
}

/** Whether it is worth its noise: what it did in the last 30 days, where it is among the hundred noisiest. */
export function Noise(props: { id: string }) {
  const api = useApi();
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const found = useQuery({
    queryKey: ["alerts", "noise", time_zone],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/alerts/noise", { params: { query: { limit: "100", time_zone } }, signal }),
      ),
    staleTime: STALE_MS,
  });
  const row = found.data?.alerts.find((each) => each.id === props.id);
  return (
    <Container
      header={
        <Header variant="h2" description="The last 30 days.">
          Is it worth its noise
        </Header>
      }
    >
      {found.isPending ? (
        <Loading what="what it told" height={100} />
      ) : found.data === undefined ? (
        <Failure
          error={found.error}
          what="The noise could not be counted"
          onRetry={() => void found.refetch()}
        />
      ) : row === undefined ? (
        <Box color="text-body-secondary">
          It is not among the hundred alerts that told the most.
        </Box>
      ) : (
        <Numbers row={row} />
      )}
    </Container>
  );
}
