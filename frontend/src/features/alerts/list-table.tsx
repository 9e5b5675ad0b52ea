import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { NO_VALUE, plural } from "~/ui/format";
import { Time } from "~/ui/time";
import { SeverityBadge, StateBadge } from "./badges";
import { draftOf } from "./draft";
import { byName, bySeverity, byUrgency, notes, type Row, severityNote } from "./list";
import { isDrill } from "./model";
import { watches } from "./words";

/** Rows that are drawn at a time: ten thousand alerts are two hundred of these. */
const PER_PAGE = 50;

const ORDERS: Readonly<Record<string, (a: Row, b: Row) => number>> = {
  state: byUrgency,
  name: byName,
  severity: bySeverity,
};

function StateCell(props: { row: Row }) {
  const { row } = props;
  if (row.state === null) {
    return <Box color="text-status-inactive">No instance yet</Box>;
  }
  const said = notes(row);
  return (
    <SpaceBetween size="xxs">
      <StateBadge state={row.state} />
      {said.length > 0 && (
        <Box color="text-body-secondary" fontSize="body-s">
          {said.join(", ")}
        </Box>
      )}
    </SpaceBetween>
  );
}

function NameCell(props: { row: Row }) {
  const { alert } = props.row;
  const navigate = useNavigate();
  return (
    <SpaceBetween size="xxs">
      <span style={{ overflowWrap: "anywhere" }}>
        <Link
          href={`/alerts/${encodeURIComponent(alert.id)}`}
          onFollow={(event) => {
            event.preventDefault();
            void navigate({ to: "/alerts/$id", params: { id: alert.id }, search: { last: 3600 } });
          }}
        >
          {alert.name}
        </Link>{" "}
        {isDrill(alert) && <Badge>fire drill</Badge>}
      </span>
      <Box color="text-body-secondary" fontSize="body-s">
        {watches(draftOf(alert))}
      </Box>
    </SpaceBetween>
  );
}

const COLUMNS: readonly TableProps.ColumnDefinition<Row>[] = [
  {
    id: "state",
    header: "State",
    sortingField: "state",
    cell: (row) => <StateCell row={row} />,
    minWidth: 130,
  },
  {
    id: "name",
    header: "Alert",
    sortingField: "name",
    cell: (row) => <NameCell row={row} />,
    isRowHeader: true,
    minWidth: 180,
  },
  {
    id: "severity",
    header: "Severity",
    sortingField: "severity",
    cell: (row) => (
      <SpaceBetween size="xxs">
        <SeverityBadge severity={row.severity} />
        {severityNote(row) !== null && (
          <Box color="text-body-secondary" fontSize="body-s">
            {severityNote(row)}
          </Box>
        )}
      </SpaceBetween>
    ),
    minWidth: 100,
  },
  {
    id: "since",
    header: "Since",
    cell: (row) => (row.since === null ? NO_VALUE : <Time at={row.since} />),
    minWidth: 110,
  },
  {
    id: "instances",
    header: "Instances",
    cell: (row) => `${row.instances}${row.alert.more_instances ? "+" : ""}`,
    minWidth: 90,
  },
];

/** The rows, fifty at a time; `footer` says how far the list was read. */
export function ListTable(props: {
  rows: readonly Row[];
  header: ReactNode;
  filter: ReactNode;
  empty: ReactNode;
  footer: ReactNode;
  loading: boolean;
}) {
  const [order, setOrder] = useState<{ field: string; descending: boolean }>({
    field: "state",
    descending: false,
  });
  const [page, setPage] = useState(1);
  const compare = ORDERS[order.field] ?? byUrgency;
  const sorted = [...props.rows].sort((a, b) => (order.descending ? -1 : 1) * compare(a, b));
  const pages = Math.max(1, Math.ceil(sorted.length / PER_PAGE));
  const shown = Math.min(page, pages);
  return (
    <Table
      variant="full-page"
      items={sorted.slice((shown - 1) * PER_PAGE, shown * PER_PAGE)}
      columnDefinitions={COLUMNS}
      trackBy={(row) => row.alert.id}
      sortingColumn={{ sortingField: order.field }}
      sortingDescending={order.descending}
      onSortingChange={({ detail }) =>
        setOrder({
          field: detail.sortingColumn.sortingField ?? "state",
          descending: detail.isDescending ?? false,
        })
      }
      loading={props.loading}
      loadingText="Loading alerts"
      header={props.header}
      filter={props.filter}
      empty={props.empty}
      footer={props.footer}
      wrapLines
      ariaLabels={{ tableLabel: "Alerts", allItemsSelectionLabel: () => "All alerts" }}
      renderAriaLive={({ firstIndex, lastIndex }) =>
        `${plural(sorted.length, "alert")}, ${firstIndex} to ${lastIndex} shown`
      }
      pagination={
        pages > 1 && (
          <Pagination
            currentPageIndex={shown}
            pagesCount={pages}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
            ariaLabels={{
              nextPageLabel: "Next page",
              previousPageLabel: "Page before",
              pageLabel: (number) => `Page ${number}`,
              paginationLabel: "Pages of alerts",
            }}
          />
        )
      }
    />
  );
}
