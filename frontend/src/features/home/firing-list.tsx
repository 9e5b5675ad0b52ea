import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Link } from "@tanstack/react-router";
import { SeverityBadge } from "~/features/alerts/badges";
import { type Firing, useFiring } from "~/features/alerts/firing";
import { formatValue, plural } from "~/ui/format";
import { Stale } from "~/ui/stale";
import { Failure, Loading } from "~/ui/states";
import { Time } from "~/ui/time";

/** What fires now, gravest first; it asks again every few seconds. */
export function FiringList() {
  const query = useFiring();
  const firing = query.data?.firing ?? [];
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={
            query.data === undefined ? "" : `(${firing.length}${query.data.more ? "+" : ""})`
          }
        >
          Firing now
        </Header>
      }
    >
      <Stale query={query} what="What fires" />
      {query.isPending && <Loading what="what fires" height={80} />}
      {query.data === undefined && query.error !== null && (
        <Failure error={query.error} what="What fires" onRetry={() => void query.refetch()} />
      )}
      <div aria-live="polite">
        {query.data !== undefined && firing.length === 0 && (
          <StatusIndicator type="success">Nothing fires</StatusIndicator>
        )}
        {firing.length > 0 && (
          <ul className="firing">
            {firing.slice(0, 50).map((each) => (
              <Row key={`${each.alert.id} ${JSON.stringify(each.instance.tags)}`} firing={each} />
            ))}
          </ul>
        )}
      </div>
      {(firing.length > 50 || query.data?.more) && (
        <Link to="/alerts" search={{ state: "ALARM" }}>
          {query.data?.more ? "See all that fire" : `See all ${plural(firing.length, "firing")}`}
        </Link>
      )}
    </Container>
  );
}

function Row(props: { firing: Firing }) {
  const { alert, instance, severity } = props.firing;
  const tags = Object.entries(instance.tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
  return (
    <li>
      <SeverityBadge severity={severity} />
      <span className="what">
        <Link
          to="/alerts/$id/instance"
          params={{ id: alert.id }}
          search={{ last: 3_600, tags: instance.tags }}
        >
          {alert.name}
        </Link>{" "}
        <Box variant="span" color="text-body-secondary">
          {tags}
        </Box>
      </span>
      <span className="value">{instance.value === null ? "" : formatValue(instance.value)}</span>
      <span className="since">
        since <Time at={instance.since} />
      </span>
      <span className="who">
        {instance.acknowledged_by === null ? (
          <StatusIndicator type="warning">nobody looks after it</StatusIndicator>
        ) : (
          <StatusIndicator type="info">acknowledged</StatusIndicator>
        )}
      </span>
    </li>
  );
}
