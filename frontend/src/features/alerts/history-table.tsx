import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";
import { formatValue, NO_VALUE } from "~/ui/format";
import { Empty, Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { SeverityBadge, StateBadge } from "./badges";
import { CAUSES, eventsOf, type useHistory } from "./history";
import type { Event, Tags } from "./model";
import { tagsKey, tagsText } from "./model";

const PER_PAGE = 20;

/** The buckets that a decision looked at, newest last: what was measured, and what counted. */
function Inputs(props: { event: Event; names: (id: string) => string }) {
  const { event, names } = props;
  const inputs = Object.entries(event.inputs);
  if (event.datapoints.length === 0 && inputs.length === 0) {
    return null;
  }
  return (
    <ExpandableSection headerText="What it looked at" variant="inline">
      <ul className="alert-inputs">
        {event.datapoints.map((each) => (
          <li key={each.timestamp}>
            <Time at={each.timestamp} format="absolute" />: {formatValue(each.value)}
            {each.breaching === true && <b> breaching</b>}
            {each.value === null && " no data"}
          </li>
        ))}
        {inputs.map(([alert, state]) => (
          <li key={alert}>
            {names(alert)}: <StateBadge state={state} />
          </li>
        ))}
      </ul>
    </ExpandableSection>
  );
}

function Change(props: { event: Event }) {
  const { event } = props;
  const graver = event.from === "ALARM" && event.to === "ALARM";
  return (
    <SpaceBetween size="xxs">
      <span>
        <StateBadge state={event.from} /> {"\u2192"} <StateBadge state={event.to} />
      </span>
      <span>
        {event.to_severity !== null && <SeverityBadge severity={event.to_severity} />}
        {graver && event.from_severity !== null && ` before ${event.from_severity}`}
      </span>
    </SpaceBetween>
  );
}

function columns(
  withTags: boolean,
  names: (id: string) => string,
  onExplain?: (at: number) => void,
): TableProps.ColumnDefinition<Event>[] {
  return [
    { id: "at", header: "When", cell: (each) => <Time at={each.at} />, minWidth: 110 },
    { id: "change", header: "Change", cell: (each) => <Change event={each} />, minWidth: 200 },
    ...(withTags
      ? [
          {
            id: "tags",
            header: "Instance",
            cell: (each: Event) => tagsText(each.tags) || NO_VALUE,
            minWidth: 120,
          },
        ]
      : []),
    {
      id: "reason",
      header: "Why",
      isRowHeader: true,
      minWidth: 260,
      cell: (each) => (
        <SpaceBetween size="xxs">
          <span style={{ overflowWrap: "anywhere" }}>{each.reason}</span>
          <Box color="text-body-secondary" fontSize="body-s">
            Decided <Time at={each.decided_at} />: {CAUSES[each.cause]}. Version {each.version}.
            {each.replaced && (
              <>
                {" "}
                <Badge>replaced by a correction</Badge>
              </>
            )}
          </Box>
          {onExplain !== undefined && (
            <Button variant="inline-link" onClick={() => onExplain(each.at)}>
              Explain
            </Button>
          )}
          <Inputs event={each} names={names} />
        </SpaceBetween>
      ),
    },
  ];
}

/** What happened to an alert, or to one instance of it, newest first, with what each decision looked at. */
export function HistoryTable(props: {
  history: ReturnType<typeof useHistory>;
  tags?: Tags;
  names?: (id: string) => string;
  /** Asks for the explanation of the moment of a change. */
  onExplain?: (at: number) => void;
}) {
  const { history, tags, names = (id) => id } = props;
  const [page, setPage] = useState(1);
  const events = eventsOf(history.pages, tags);
  const pages = Math.max(1, Math.ceil(events.length / PER_PAGE));
  const shown = Math.min(page, pages);
  if (history.error !== null && history.pages.length === 0) {
    return (
      <Failure
        error={history.error}
        what="The history could not be read"
        onRetry={history.refetch}
      />
    );
  }
  return (
    <Table
      items={events.slice((shown - 1) * PER_PAGE, shown * PER_PAGE)}
      columnDefinitions={columns(tags === undefined, names, props.onExplain)}
      trackBy={(each) =>
        `${each.at} ${tagsKey(each.tags)} ${each.decided_at} ${each.to} ${each.cause}`
      }
      loading={history.isPending}
      loadingText="Loading the history"
      wrapLines
      header={<Header variant="h2">History</Header>}
      ariaLabels={{ tableLabel: "History" }}
      empty={<Empty title="Nothing happened yet">Each change of state will stand here.</Empty>}
      pagination={
        pages > 1 && (
          <Pagination
            currentPageIndex={shown}
            pagesCount={pages}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
            ariaLabels={{
              nextPageLabel: "Older",
              previousPageLabel: "Newer",
              paginationLabel: "Pages of the history",
            }}
          />
        )
      }
      footer={
        history.hasMore && (
          <Box textAlign="center">
            <Button loading={history.isFetching} onClick={history.more}>
              Load older changes
            </Button>
          </Box>
        )
      }
    />
  );
}
