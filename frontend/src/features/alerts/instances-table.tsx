import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { formatValue } from "~/ui/format";
import { Empty } from "~/ui/states";
import { Time } from "~/ui/time";
import { SeverityBadge, StateBadge } from "./badges";
import { useActiveSilences, usePeople } from "./data";
import { type Alert, type Instance, severityRank, stateRank, tagsKey, tagsText } from "./model";
import { mutedBy } from "./muting";

const PER_PAGE = 20;

/** What asks for attention first. */
export function inOrder(instances: readonly Instance[]): Instance[] {
  return [...instances].sort(
    (a, b) =>
      stateRank(a.state) - stateRank(b.state) ||
      severityRank(a.severity ?? "info") - severityRank(b.severity ?? "info") ||
      b.since - a.since,
  );
}

export function InstancesTable(props: { alert: Alert; unit: string | null }) {
  const { alert, unit } = props;
  const navigate = useNavigate();
  const silences = useActiveSilences();
  const name = usePeople();
  const [page, setPage] = useState(1);
  const instances = inOrder(alert.instances);
  const pages = Math.max(1, Math.ceil(instances.length / PER_PAGE));
  const shown = Math.min(page, pages);
  return (
    <Table
      items={instances.slice((shown - 1) * PER_PAGE, shown * PER_PAGE)}
      trackBy={(each) => tagsKey(each.tags)}
      wrapLines
      ariaLabels={{ tableLabel: "Instances" }}
      header={
        <Header
          variant="h2"
          counter={`(${instances.length}${alert.more_instances ? "+" : ""})`}
          {...(alert.more_instances
            ? { description: "Only the first thousand are shown, those in alarm before any other." }
            : {})}
        >
          Instances
        </Header>
      }
      columnDefinitions={[
        {
          id: "tags",
          header: "Instance",
          isRowHeader: true,
          minWidth: 160,
          cell: (each) => (
            <Link
              href={`/alerts/${encodeURIComponent(alert.id)}/instance`}
              onFollow={(event) => {
                event.preventDefault();
                void navigate({
                  to: "/alerts/$id/instance",
                  params: { id: alert.id },
                  search: { tags: each.tags, last: 10_800 },
                });
              }}
            >
              {tagsText(each.tags) ||
                (alert.type === "composite" ? "As a whole" : "All series together")}
            </Link>
          ),
        },
        {
          id: "state",
          header: "State",
          minWidth: 130,
          cell: (each) => {
            const muted = mutedBy(silences.data ?? [], alert, each).length > 0;
            return (
              <SpaceBetween size="xxs">
                <StateBadge state={each.state} />
                {each.state === "ALARM" && each.acknowledged_by !== null && (
                  <Box fontSize="body-s" color="text-body-secondary">
                    acknowledged by {name(each.acknowledged_by)}
                  </Box>
                )}
                {each.assignee !== null && (
                  <Box fontSize="body-s" color="text-body-secondary">
                    assigned to {name(each.assignee)}
                  </Box>
                )}
                {muted && (
                  <Box fontSize="body-s" color="text-body-secondary">
                    silenced
                  </Box>
                )}
              </SpaceBetween>
            );
          },
        },
        {
          id: "severity",
          header: "Severity",
          cell: (each) => each.severity !== null && <SeverityBadge severity={each.severity} />,
        },
        { id: "since", header: "Since", cell: (each) => <Time at={each.since} />, minWidth: 110 },
        {
          id: "value",
          header: "Value then",
          cell: (each) => formatValue(each.value, unit),
        },
      ]}
      empty={
        <Empty title="No instance yet">
          One begins with the first point that comes in time after the alert was made.
        </Empty>
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
              paginationLabel: "Pages of instances",
            }}
          />
        )
      }
    />
  );
}
