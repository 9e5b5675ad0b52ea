import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { RoleButton } from "~/ui/disabled-button";
import { plural } from "~/ui/format";
import { Failure, Loading } from "~/ui/states";
import { Time } from "~/ui/time";
import { useToasts } from "~/ui/toasts";
import { changeText } from "./change-text";
import { useDashboardActions, useVersions, type Version } from "./data";
import { Who } from "./who";

const HOW: Readonly<Record<string, string>> = {
  create: "made it",
  change: "changed it",
  restore: "restored an earlier version",
};

/** Who changed the dashboard when, and a way back. */
export function VersionsDialog(props: { id: string; onClose: () => void; onRestored: () => void }) {
  const { id } = props;
  const versions = useVersions(id);
  const actions = useDashboardActions();
  const toasts = useToasts();
  const [failure, setFailure] = useState<unknown>(null);
  const listed = versions.data?.versions ?? [];
  const newest = listed[0]?.version ?? 0;

  async function restore(wanted: number) {
    setFailure(null);
    try {
      await actions.restore.mutateAsync({ id, wanted, version: newest });
      toasts.success(`Version ${wanted} is restored`);
      props.onRestored();
    } catch (error) {
      setFailure(error);
      void versions.refetch();
    }
  }

  return (
    <Modal visible size="large" header="Versions" closeAriaLabel="Close" onDismiss={props.onClose}>
      <SpaceBetween size="m">
        <Box color="text-body-secondary">
          The last 50 are kept. Restoring one makes it the newest; nothing is lost by it.
        </Box>
        {failure !== null && <Failure error={failure} what="It was not restored" />}
        {versions.isPending && <Loading what="versions" />}
        {versions.data === undefined && versions.error && (
          <Failure error={versions.error} what="Versions" onRetry={() => void versions.refetch()} />
        )}
        <ol className="versions">
          {listed.map((each) => (
            <li key={each.version}>
              <Told version={each} />
              {each.version === newest ? (
                <Box color="text-status-success">Shown now</Box>
              ) : (
                <RoleButton
                  needs="editor"
                  ariaLabel={`Restore version ${each.version}`}
                  loading={
                    actions.restore.isPending && actions.restore.variables?.wanted === each.version
                  }
                  onClick={() => void restore(each.version)}
                >
                  Restore
                </RoleButton>
              )}
            </li>
          ))}
        </ol>
      </SpaceBetween>
    </Modal>
  );
}

function Told(props: { version: Version }) {
  const { version } = props;
  return (
    <div className="version">
      <b>Version {version.version}</b>: <Who id={version.by} />{" "}
      {HOW[version.action] ?? version.action} <Time at={version.at} />.{" "}
      {plural(version.panels, "panel")}.
      {version.changes.length > 0 && (
        <ExpandableSection headerText={plural(version.changes.length, "change")} variant="inline">
          <ul>
            {version.changes.map((each) => (
              <li key={each.field}>{changeText(each)}</li>
            ))}
          </ul>
        </ExpandableSection>
      )}
    </div>
  );
}
