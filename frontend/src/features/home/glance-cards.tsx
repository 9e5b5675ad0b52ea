import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { body } from "~/api/client";
import { now } from "~/api/clock";
import { useApi } from "~/api/context";
import { Sparkline } from "~/ui/chart/sparkline";
import { formatValue } from "~/ui/format";
import { Stale } from "~/ui/stale";
import { type Glance, lineOf, queriesOf } from "./glance";

const HOUR_MS = 3_600_000;
const WIDTH = 200;

/** The last hour of what matters, each as a small line with its last value. */
export function GlanceCards(props: { glances: readonly Glance[] }) {
  const { glances } = props;
  const api = useApi();
  const query = useQuery({
    queryKey: ["query", "glances", glances.map((each) => [each.metric, each.statistic])],
    queryFn: ({ signal }) =>
      body(
        api.POST("/api/metrics/query", {
          body: {
            start: now() - HOUR_MS,
            end: now(),
            queries: queriesOf(glances),
            max_points: null,
            cursor: null,
            limit: null,
            time_zone: null,
          },
          signal,
        }),
      ),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });
  return (
    <Container
      header={
        <Header variant="h2" description="The last hour; all series of a metric together.">
          At a glance
        </Header>
      }
    >
      <Stale query={query} what="These lines" />
      <ul className="glances">
        {glances.map((each, index) => (
          <Card
            key={each.metric}
            glance={each}
            line={lineOf(query.data?.results.find((result) => result.id === `g${index}`))}
            isPending={query.isPending}
          />
        ))}
      </ul>
    </Container>
  );
}

function Card(props: { glance: Glance; line: ReturnType<typeof lineOf>; isPending: boolean }) {
  const { glance, line } = props;
  const last = props.isPending ? "…" : formatValue(line.last, glance.unit);
  return (
    <li>
      <Link to="/explore" search={{ last: 3_600, metric: glance.metric } as never}>
        {glance.metric}
      </Link>
      <Sparkline
        label={`${glance.metric}, ${glance.statistic}, last hour`}
        values={line.values}
        width={WIDTH}
        height={40}
        description={`last ${last}`}
      />
      <span className="last">
        {last} <small>{glance.statistic}</small>
      </span>
      {glance.alert !== null && (
        <small>
          watched by{" "}
          <Link to="/alerts/$id" params={{ id: glance.alert.id }} search={{ last: 3_600 }}>
            {glance.alert.name}
          </Link>
        </small>
      )}
    </li>
  );
}
