import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { CopyText } from "~/ui/copy-text";
import { conflictOf, type FieldChange, fieldName, fieldText } from "../conflict";
import type { AlertDraft } from "../model";

function Changes(props: {
  title: string;
  changes: readonly FieldChange[];
  both: ReadonlySet<string>;
}) {
  return (
    <Table
      variant="embedded"
      header={<Box variant="h3">{props.title}</Box>}
      items={props.changes}
      trackBy="field"
      wrapLines
      empty="Nothing"
      ariaLabels={{ tableLabel: props.title }}
      columnDefinitions={[
        {
          id: "field",
          header: "Field",
          isRowHeader: true,
          cell: (each) => (
            <>
              {fieldName(each.field)}
              {props.both.has(each.field) && (
                <Box color="text-status-warning" fontSize="body-s">
                  changed by both
                </Box>
              )}
            </>
          ),
        },
        { id: "before", header: "Was", cell: (each) => fieldText(each.before) },
        { id: "after", header: "Now", cell: (each) => fieldText(each.after) },
      ]}
    />
  );
}

/** Somebody else saved this alert meanwhile: shows both their changes, and lets one choose. Nothing is saved by it. */
export function ConflictDialog(props: {
  base: AlertDraft;
  mine: AlertDraft;
  theirs: AlertDraft;
  version: number;
  onTheirs: () => void;
  onMine: () => void;
  onClose: () => void;
}) {
  const { base, mine, theirs } = props;
  const found = conflictOf(base, mine, theirs);
  return (
    <Modal
      visible
      size="large"
      header="Somebody else changed this alert"
      closeAriaLabel="Back to the form"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <CopyText variant="button" what="my version" text={JSON.stringify(mine, null, 2)} />
            <Button onClick={props.onTheirs}>Take theirs</Button>
            <Button variant="primary" onClick={props.onMine}>
              Keep mine on top
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>
          It is at version {props.version} now, and nothing of yours was saved. “Keep mine on top”
          takes their version with your changes over it: look at it, then save.
        </div>
        <Changes title="What they changed" changes={found.theirs} both={found.both} />
        <Changes title="What you changed" changes={found.mine} both={found.both} />
      </SpaceBetween>
    </Modal>
  );
}
