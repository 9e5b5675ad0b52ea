import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Link } from "@tanstack/react-router";
import { SeverityBadge } from "~/features/alerts/badges";
import { type Firing, useFiring } from "~/features/alerts/firing";
import { formatValue, plural } from "~/ui/format";
import { Stale } from "~/ui/stale";
import { Failure, Loading } from "~/ui/states";
import { Time } from "~/ui/time";
import type { Panel } from "../model";
import { firingIn } from "./firing-in";

/** More are told as a number: the alerts' own list has them all. */
const MOST = 50;

/** What is in alarm now, kept live; of a severity and with labels, if the panel asks for them. */
export function AlertsPanel(props: { panel: Panel }) {
  const query = useFiring();
  if (query.isPending) {
    return <Loading what="alerts" height={60} />;
  }
  if (query.data === undefined) {
    return <Failure error={query.error} what="Alerts" onRetry={() => void query.refetch()} />;
  }
  const found = firingIn(query.data.firing, props.panel.alerts);
  return (
    <div aria-live="polite">
      <Stale query={query} what="these alerts" />
      {found.length === 0 && <StatusIndicator type="success">Nothing is in alarm</StatusIndicator>}
      <ul className="alert-list">
        {found.slice(0, MOST).map((each) => (
          <Row key={`${each.alert.id} ${JSON.stringify(each.instance.tags)}`} firing={each} />
        ))}
      </ul>
      {(found.length > MOST || query.data.more) && (
        <Link to="/alerts" search={{ state: "ALARM" }} className="dashboard-link">
          {query.data.more ? "See all" : `See all ${plural(found.length, "alert")}`}
        </Link>
      )}
    </div>
  );
}

function Row(props: { firing: Firing }) {
  const { alert, instance, severity } = props.firing;
  const tags = Object.entries(instance.tags).map(([key, value]) => `${key}=${value}`);
  return (
    <li>
      <SeverityBadge severity={severity} />
      <span className="alert-what">
        <Link
          to="/alerts/$id/instance"
          params={{ id: alert.id }}
          search={{ last: 3_600, tags: instance.tags }}
          className="dashboard-link"
        >
          {alert.name}
        </Link>{" "}
        <small>{tags.join(", ")}</small>
      </span>
      {instance.value !== null && <span>{formatValue(instance.value)}</span>}
      <small>
        since <Time at={instance.since} />
      </small>
    </li>
  );
}
