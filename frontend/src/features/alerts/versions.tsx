import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { ConfirmDialog } from "~/ui/confirm";
import { RoleButton } from "~/ui/disabled-button";
import { Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { useToasts } from "~/ui/toasts";
import { fieldName, fieldText } from "./conflict";
import { usePeople } from "./data";
import type { Alert, Version } from "./model";

const ACTIONS: Readonly<Record<string, string>> = {
  create: "made",
  change: "changed",
  restore: "restored",
};

function Changes(props: { version: Version }) {
  const { changes, version } = props.version;
  if (version === 1 || changes.length === 0) {
    return <Box color="text-body-secondary">The first one.</Box>;
  }
  return (
    <ul className="alert-inputs">
      {changes.map((each) => (
        <li key={each.field}>
          <b>{fieldName(each.field)}</b>: {fieldText(each.before)} {"\u2192"}{" "}
          {fieldText(each.after)}
        </li>
      ))}
    </ul>
  );
}

/** Every version of an alert, what changed in it and by whom; any can be made the newest again. */
function VersionTable(props: { alert: Alert }) {
  const { alert } = props;
  const api = useApi();
  const client = useQueryClient();
  const toasts = useToasts();
  const name = usePeople();
  const [asked, setAsked] = useState<number | null>(null);
  const params = { path: { id: alert.id } };
  const found = usePages(["alerts", alert.id, "versions", alert.version], (cursor, signal) =>
    body(
      api.GET("/api/alerts/{id}/versions", {
        params: { ...params, query: { limit: "20", ...(cursor && { cursor }) } },
        signal,
      }),
    ),
  );
  const restore = async (version: number) => {
    const header = { "If-Match": `"${alert.version}"` };
    await api.POST("/api/alerts/{id}/restore", {
      params: { ...params, header },
      body: { version },
    });
    toasts.success(`Version ${version} is back`);
    await client.invalidateQueries({ queryKey: ["alerts"] });
  };
  if (found.error !== null && found.pages.length === 0) {
    return (
      <Failure error={found.error} what="The versions could not be read" onRetry={found.refetch} />
    );
  }
  return (
    <>
      <Table
        variant="embedded"
        items={found.pages.flatMap((page) => page.versions) as readonly Version[]}
        trackBy={(each) => String(each.version)}
        loading={found.isPending}
        loadingText="Loading versions"
        wrapLines
        ariaLabels={{ tableLabel: "Versions" }}
        columnDefinitions={[
          {
            id: "version",
            header: "Version",
            isRowHeader: true,
            minWidth: 150,
            cell: (each) => (
              <SpaceBetween size="xxs">
                <b>{each.version}</b>
                <Box fontSize="body-s" color="text-body-secondary">
                  {ACTIONS[each.action ?? ""] ?? "made"} <Time at={each.at} />
                  {each.by !== null && ` by ${name(each.by)}`}
                </Box>
              </SpaceBetween>
            ),
          },
          {
            id: "changes",
            header: "What changed",
            minWidth: 260,
            cell: (each) => <Changes version={each} />,
          },
          {
            id: "restore",
            header: "Restore",
            cell: (each) =>
              each.version === alert.version ? (
                "Present"
              ) : (
                <RoleButton
                  needs="editor"
                  variant="inline-link"
                  ariaLabel={`Restore version ${each.version}`}
                  onClick={() => setAsked(each.version)}
                >
                  Restore
                </RoleButton>
              ),
          },
        ]}
        footer={
          found.hasMore && (
            <Button loading={found.isFetching} onClick={found.more}>
              Load older versions
            </Button>
          )
        }
      />
      {asked !== null && (
        <ConfirmDialog
          title={`Restore version ${asked}`}
          consequence="What it said becomes the next version. Nothing is lost: the present one can be restored, too."
          action="Restore"
          onConfirm={() => restore(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

/** Folded until somebody looks: the versions are read then. */
export function Versions(props: { alert: Alert }) {
  const [open, setOpen] = useState(false);
  return (
    <ExpandableSection
      variant="container"
      headerText="Versions"
      headerDescription={`This is version ${props.alert.version}.`}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && <VersionTable alert={props.alert} />}
    </ExpandableSection>
  );
}
