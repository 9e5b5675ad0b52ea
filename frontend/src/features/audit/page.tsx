import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { useRefusal } from "~/auth/session";
import { Page } from "~/ui/page";
import { Empty, Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { type Entry, KINDS, nameOf, shown } from "./wording";

const ALL = { value: "", label: "Everything" };

/** Who changed what, newest first. */
export function AuditPage() {
  const refused = useRefusal("admin");
  return (
    <Page
      title="Audit"
      description="Who changed what and when. Entries cannot be changed or deleted here."
    >
      {refused === null ? <Entries /> : <Empty title="Admins only">{refused}</Empty>}
    </Page>
  );
}

function Entries() {
  const api = useApi();
  const navigate = useNavigate();
  const search = useSearch({ from: "/audit" });
  const found = usePages(["audit", search], (cursor, signal) =>
    body(
      api.GET("/api/audit", {
        params: { query: { ...search, limit: "50", ...(cursor === undefined ? {} : { cursor }) } },
        signal,
      }),
    ),
  );
  const entries = found.pages.flatMap((page) => page.entries);
  if (entries.length === 0 && found.error != null) {
    return <Failure error={found.error} what="Audit" onRetry={found.refetch} />;
  }
  return (
    <Table
      items={entries}
      loading={found.isPending}
      loadingText="Loading changes"
      stickyHeader
      wrapLines
      ariaLabels={{ tableLabel: "Changes" }}
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {search.subject !== undefined && (
                <Button onClick={() => void navigate({ to: "/audit", search: {} })}>
                  Show all things
                </Button>
              )}
              <Select
                ariaLabel="Kind of thing"
                selectedOption={KINDS.find((each) => each.value === search.kind) ?? ALL}
                options={[ALL, ...KINDS]}
                onChange={({ detail }) => {
                  const kind = detail.selectedOption.value;
                  void navigate({ to: "/audit", search: kind ? { kind } : {} });
                }}
              />
            </SpaceBetween>
          }
        >
          Changes
        </Header>
      }
      empty={
        <Empty title="Nothing was changed yet">
          Whatever is changed from now on is listed here.
        </Empty>
      }
      columnDefinitions={[
        { id: "at", header: "When", width: 170, cell: (each) => <Time at={each.at} /> },
        { id: "who", header: "Who", width: 190, cell: (each) => <Who entry={each} /> },
        { id: "action", header: "What", width: 110, cell: (each) => each.action },
        {
          id: "subject",
          header: "Of",
          isRowHeader: true,
          cell: (each) => `${each.kind}: ${nameOf(each)}`,
        },
        { id: "changes", header: "Change", cell: (each) => <Changes entry={each} /> },
      ]}
      footer={
        found.hasMore && (
          <Box textAlign="center">
            <Button loading={found.isFetching} onClick={found.more}>
              Show older changes
            </Button>
          </Box>
        )
      }
    />
  );
}

function Who(props: { entry: Entry }) {
  const { id, kind, role } = props.entry.actor;
  return (
    <span title={id}>
      {kind === null ? `${shown(id, 14)} (no member now)` : `${kind} ${shown(id, 9)} (${role})`}
    </span>
  );
}

function Changes(props: { entry: Entry }) {
  const { changes } = props.entry;
  if (changes.length === 0) {
    return "–";
  }
  const list = (
    <ul className="plain">
      {changes.map((each) => (
        <li key={each.field}>
          <b>{each.field}</b>: {shown(each.before)} → {shown(each.after)}
        </li>
      ))}
    </ul>
  );
  return changes.length <= 3 ? (
    list
  ) : (
    <ExpandableSection headerText={`${changes.length} fields`}>{list}</ExpandableSection>
  );
}
