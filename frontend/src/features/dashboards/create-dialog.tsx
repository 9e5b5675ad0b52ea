import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { type FormEvent, useId, useState } from "react";
import { ApiProblem } from "~/api/problem";
import { Failure } from "~/ui/states";
import { type Content, type Dashboard, LIMITS } from "./model";

interface CreateDialogProps {
  readonly title: string;
  /** What it begins with; its name and description can be changed. */
  readonly content: Content;
  readonly create: (content: Content) => Promise<Dashboard>;
  readonly onCreated: (made: Dashboard) => void;
  readonly onClose: () => void;
}

/** Names a dashboard that is made: a new one, or a copy. */
export function CreateDialog(props: CreateDialogProps) {
  const { content, create, onCreated, onClose } = props;
  const [name, setName] = useState(content.name);
  const [description, setDescription] = useState(content.description);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const form = useId();
  const problem = failure instanceof ApiProblem ? failure : null;
  const missing = tried && name.trim() === "" ? "Give it a name." : undefined;
  const wrongName = missing ?? problem?.of("name");

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || busy) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      onCreated(await create({ ...content, name, description }));
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
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
            <Button variant="primary" form={form} loading={busy} loadingText="Creating">
              Create
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={form} onSubmit={(event) => void submit(event)}>
        <SpaceBetween size="m">
          <FormField label="Name" {...(wrongName === undefined ? {} : { errorText: wrongName })}>
            <Input
              value={name}
              autoFocus
              autoComplete={false}
              nativeInputAttributes={{ maxLength: LIMITS.line }}
              onChange={({ detail }) => setName(detail.value)}
            />
          </FormField>
          <FormField
            label={
              <>
                Description <i>- optional</i>
              </>
            }
          >
            <Textarea
              value={description}
              rows={2}
              onChange={({ detail }) => setDescription(detail.value)}
            />
          </FormField>
          {failure !== null && <Failure error={failure} what="The dashboard was not created" />}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
