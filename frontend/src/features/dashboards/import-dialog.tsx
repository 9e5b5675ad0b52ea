import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useRef, useState } from "react";
import type { WrongField } from "~/api/problem";
import { plural } from "~/ui/format";
import { Failure } from "~/ui/states";
import { imported } from "./importing";
import type { Content, Dashboard } from "./model";

/** As many as are read before somebody looks into the file; the rest is counted. */
const MOST_TOLD = 20;

interface ImportDialogProps {
  /** Stores a dashboard that is sound; what the API refuses is shown. */
  readonly create: (content: Content) => Promise<Dashboard>;
  readonly onCreated: (made: Dashboard) => void;
  readonly onClose: () => void;
}

/** Takes an exported dashboard, from a file or pasted, and says by field what is wrong with it. */
export function ImportDialog(props: ImportDialogProps) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<readonly WrongField[]>([]);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const file = useRef<HTMLInputElement>(null);

  async function take() {
    setFailure(null);
    const found = imported(text);
    if ("wrong" in found) {
      setWrong(found.wrong);
      return;
    }
    setBusy(true);
    try {
      props.onCreated(await props.create(found.content));
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }

  async function read(chosen: File | undefined) {
    if (chosen !== undefined) {
      setText(await chosen.text());
      setWrong([]);
    }
  }

  return (
    <Modal
      visible
      size="large"
      header="Import a dashboard"
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onClose}>
              Cancel
            </Button>
            <Button
              variant="primary"
              onClick={() => void take()}
              loading={busy}
              loadingText="Importing"
              disabled={text.trim() === ""}
              disabledReason="Choose a file, or paste its text first."
            >
              Import
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>
          <Button iconName="upload" onClick={() => file.current?.click()}>
            Choose a file
          </Button>
          <input
            ref={file}
            type="file"
            accept=".json,application/json"
            aria-label="File of a dashboard"
            hidden
            onChange={(event) => void read(event.currentTarget.files?.[0])}
          />
        </div>
        <FormField
          label="Or paste its text"
          description="What Export gives, or an answer of the API."
          stretch
        >
          <Textarea
            value={text}
            rows={10}
            spellcheck={false}
            onChange={({ detail }) => {
              setText(detail.value);
              setWrong([]);
            }}
          />
        </FormField>
        {wrong.length > 0 && <Wrong wrong={wrong} />}
        {failure !== null && <Failure error={failure} what="It was not imported" />}
      </SpaceBetween>
    </Modal>
  );
}

function Wrong(props: { wrong: readonly WrongField[] }) {
  const { wrong } = props;
  const more = wrong.length - MOST_TOLD;
  return (
    <div role="alert">
      <Alert type="error" header={`It cannot be imported: ${plural(wrong.length, "field")} wrong`}>
        <ul>
          {wrong.slice(0, MOST_TOLD).map((each) => (
            <li key={`${each.field} ${each.reason}`}>
              <b>{each.field}</b> {each.reason}
            </li>
          ))}
        </ul>
        {more > 0 && <p>And {plural(more, "more")}.</p>}
      </Alert>
    </div>
  );
}
