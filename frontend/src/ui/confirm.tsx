import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, type ReactNode, useId, useState } from "react";

interface ConfirmDialogProps {
  /** What is about to be done: "Delete the alert CPU high". */
  readonly title: string;
  /** What that means, in a sentence or two: what is lost, who is told. */
  readonly consequence: ReactNode;
  /** The button's verb: "Delete". */
  readonly action: string;
  /** For what cannot be undone: the name that has to be typed before the button works. */
  readonly typed?: string;
  /** The dialog waits for it, closes when it is done, and shows the error's sentence when it fails. */
  readonly onConfirm: () => unknown;
  readonly onClose: () => void;
}

/** Asks before what is hard to undo. Render it while it is wanted: `{asked && <ConfirmDialog ... />}`. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { action, typed, onConfirm, onClose } = props;
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const form = useId();
  const ready = typed === undefined || text === typed;

  async function confirm(event: FormEvent) {
    event.preventDefault();
    if (!ready || busy) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await onConfirm();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      setBusy(false);
      return;
    }
    onClose();
  }

  return (
    <Modal
      visible
      header={props.title}
      closeAriaLabel="Close"
      onDismiss={() => !busy && onClose()}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" disabled={busy} onClick={onClose}>
              Cancel
            </Button>
            <Button
              variant="primary"
              form={form}
              loading={busy}
              loadingText={action}
              disabled={!ready}
              {...(ready ? {} : { disabledReason: `Type ${typed} first.` })}
            >
              {action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={form} onSubmit={(event) => void confirm(event)}>
        <SpaceBetween size="m">
          <div>{props.consequence}</div>
          {typed !== undefined && (
            <FormField label={`To confirm, type ${typed}`}>
              <Input
                value={text}
                autoComplete={false}
                spellcheck={false}
                onChange={({ detail }) => setText(detail.value)}
              />
            </FormField>
          )}
          {failure !== null && <Alert type="error">{failure}</Alert>}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
