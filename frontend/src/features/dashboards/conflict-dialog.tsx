import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Time } from "~/ui/time";
import { type Change, changesSince, merged } from "./merging";
import type { Content, Dashboard } from "./model";
import { Who } from "./who";

interface ConflictDialogProps {
  /** What both began from, and its version's number. */
  readonly base: Content;
  readonly began: number;
  readonly mine: Content;
  /** What somebody saved meanwhile. */
  readonly other: Dashboard;
  readonly onCombine: (combined: Content) => void;
  readonly onOverwrite: () => void;
  readonly onCopy: () => void;
  readonly onDiscard: () => void;
  readonly onClose: () => void;
}

/** Two people changed one dashboard: who changed what, and four ways on. None is taken unasked. */
export function ConflictDialog(props: ConflictDialogProps) {
  const { base, mine, other } = props;
  const { content, both } = merged(base, mine, other.content);
  const clashing = new Set(both.map((each) => each.key));
  return (
    <Modal
      visible
      size="large"
      header="Somebody else changed this dashboard"
      closeAriaLabel="Close, and go on editing"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={props.onDiscard}>Discard mine</Button>
            <Button onClick={props.onCopy}>Save mine as a copy</Button>
            <Button onClick={props.onOverwrite}>Overwrite theirs</Button>
            <Button variant="primary" onClick={() => props.onCombine(content)}>
              Combine both
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>
          <Who id={other.updatedBy} /> saved version {other.version} <Time at={other.updatedAt} />.
          You began from version {props.began}. Nothing of yours is lost: choose what is to become
          of both.
        </div>
        <ColumnLayout columns={2}>
          <Changes title="Theirs" changes={changesSince(base, other.content)} clashing={clashing} />
          <Changes title="Yours" changes={changesSince(base, mine)} clashing={clashing} />
        </ColumnLayout>
        {both.length > 0 && (
          <StatusIndicator type="warning">
            Where both of you changed the same, combining keeps yours.
          </StatusIndicator>
        )}
      </SpaceBetween>
    </Modal>
  );
}

function Changes(props: {
  title: string;
  changes: readonly Change[];
  clashing: ReadonlySet<string>;
}) {
  return (
    <div>
      <Box variant="h3">{props.title}</Box>
      {props.changes.length === 0 && <span>No changes.</span>}
      <ul>
        {props.changes.map((each) => (
          <li key={each.key}>
            {each.what} {each.how}
            {props.clashing.has(each.key) && <b> by both</b>}
          </li>
        ))}
      </ul>
    </div>
  );
}
