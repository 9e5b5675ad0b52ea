import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { body } from "~/api/client";
import { now } from "~/api/clock";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { Chart } from "~/ui/chart/chart";
import type { ChartSeries } from "~/ui/chart/types";
import { formatValue } from "~/ui/format";
import { Page } from "~/ui/page";
import { Empty, Failure, Loading } from "~/ui/states";
import { Time } from "~/ui/time";
import { type DayUsage, dollars, type MetricUsage, startOf, total } from "./days";

const DAY_MS = 86_400_000;

/** What is stored and what that costs, by day and by metric. */
export function UsagePage() {
  const api = useApi();
  const navigate = useNavigate();
  const { days } = useSearch({ from: "/usage" });
  const usage = usePages(["metrics", "usage", days], (cursor, signal) =>
    body(
      api.GET("/api/metrics/usage", {
        params: {
          query: {
            start: String(now() - days * DAY_MS),
            ...(cursor === undefined ? {} : { cursor }),
          },
        },
        signal,
      }),
    ),
  );
  const first = usage.pages[0];
  return (
    <Page
      title="Usage"
      description="What was stored and read, and an estimate by list prices of what that costs."
      actions={
        <SegmentedControl
          label="Days that are shown"
          selectedId={String(days)}
          options={["7", "30", "90"].map((id) => ({ id, text: `${id} days` }))}
          onChange={({ detail }) =>
            void navigate({ to: "/usage", search: { days: Number(detail.selectedId) } })
          }
        />
      }
    >
      {usage.isPending && <Loading what="usage" height={400} />}
      {first === undefined && usage.error != null && (
        <Failure error={usage.error} what="Usage" onRetry={usage.refetch} />
      )}
      {first !== undefined && (
        <SpaceBetween size="l">
          <Totals days={first.days} until={first.counted_until} />
          <Quotas quotas={first.quotas} />
          <Days days={first.days} />
          <Metrics
            metrics={usage.pages.flatMap((page) => page.metrics)}
            hasMore={usage.hasMore}
            loading={usage.isFetching}
            onMore={usage.more}
          />
        </SpaceBetween>
      )}
    </Page>
  );
}

function Totals(props: { days: readonly DayUsage[]; until: number | null }) {
  const all = total(props.days);
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "Points", value: formatValue(all.points, "Count") },
          { label: "Written", value: formatValue(all.bytes, "Bytes") },
          { label: "Cost, estimated", value: dollars(all.dollars) },
          {
            label: "A month at this pace",
            value: all.monthly === null ? "After the first whole day" : dollars(all.monthly),
          },
        ]}
      />
      <Box variant="small" color="text-body-secondary">
        {props.until === null ? (
          "Nothing is counted yet: points are counted some 20 minutes after they came."
        ) : (
          <>
            Counted up to <Time at={props.until} />; later points follow.
          </>
        )}
      </Box>
    </Container>
  );
}

function Quotas(props: {
  quotas: Readonly<Record<string, { limit: number; used?: number | null }>>;
}) {
  const items = Object.entries(props.quotas).map(([name, quota]) => ({
    label: name.replaceAll("_", " "),
    value:
      quota.used == null
        ? `at most ${quota.limit.toLocaleString()}`
        : `${quota.used.toLocaleString()} of ${quota.limit.toLocaleString()}`,
  }));
  return (
    <Container header={<Header variant="h2">Quotas</Header>}>
      <KeyValuePairs columns={4} items={items} />
    </Container>
  );
}

function Days(props: { days: readonly DayUsage[] }) {
  const { days } = props;
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) {
    return <Empty title="Nothing was stored in these days" />;
  }
  const starts = days.map((day) => startOf(day.day));
  const series: ChartSeries = {
    id: "points",
    label: "Points",
    tags: {},
    timestamps: starts,
    values: days.map((day) => day.points),
  };
  return (
    <Container header={<Header variant="h2">Points a day</Header>}>
      <Chart
        title="Points a day (UTC)"
        series={[series]}
        range={{ start: Math.min(...starts), end: Math.max(...starts) + DAY_MS }}
        period={86_400}
        unit="Count"
        kind="area"
        height={200}
        legend={false}
      />
    </Container>
  );
}

function Metrics(props: {
  metrics: readonly MetricUsage[];
  hasMore: boolean;
  loading: boolean;
  onMore: () => void;
}) {
  return (
    <Table
      header={
        <Header
          variant="h2"
          description="Most points first. Unused: no query, alert or dashboard has touched it."
        >
          By metric
        </Header>
      }
      items={props.metrics}
      trackBy="name"
      stickyHeader
      ariaLabels={{ tableLabel: "Usage by metric" }}
      empty={
        <Empty title="No metric is counted yet">
          Points are counted some 20 minutes after they came.
        </Empty>
      }
      columnDefinitions={[
        {
          id: "name",
          header: "Metric",
          isRowHeader: true,
          cell: (each) => (
            <Link to="/explore" search={{ last: 86_400, metric: each.name } as never}>
              {each.name}
            </Link>
          ),
        },
        { id: "points", header: "Points", cell: (each) => formatValue(each.points, "Count") },
        { id: "bytes", header: "Written", cell: (each) => formatValue(each.bytes, "Bytes") },
        { id: "dollars", header: "Cost, estimated", cell: (each) => dollars(each.dollars) },
        {
          id: "unused",
          header: "Used",
          cell: (each) =>
            each.unused_since === null ? (
              <StatusIndicator type="success">in use</StatusIndicator>
            ) : (
              <StatusIndicator type="info">not since {each.unused_since}</StatusIndicator>
            ),
        },
      ]}
      footer={
        props.hasMore && (
          <Box textAlign="center">
            <Button loading={props.loading} onClick={props.onMore}>
              Show more
            </Button>
          </Box>
        )
      }
    />
  );
}
