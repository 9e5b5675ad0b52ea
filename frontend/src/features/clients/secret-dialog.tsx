import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { components } from "~/api/schema";
import { ConfirmDialog } from "~/ui/confirm";
import { CopyText } from "~/ui/copy-text";
import { example } from "./wording";

/** What is shown once of a client. */
export type Secret = components["schemas"]["ClientCreated"];

/** Shows a secret for the first and last time. */
export function SecretDialog(props: { secret: Secret; onClose: () => void }) {
  const { name, secret, token_url } = props.secret;
  const client_id = props.secret.client_id ?? "";
  const [leaving, setLeaving] = useState(false);
  const text = example(token_url, client_id, location.origin);
  return (
    <>
      <Modal
        visible={!leaving}
        size="large"
        header={`The secret of ${name}`}
        closeAriaLabel="Close"
        onDismiss={() => setLeaving(true)}
        footer={
          <Box float="right">
            <Button variant="primary" onClick={props.onClose}>
              I have stored it
            </Button>
          </Box>
        }
      >
        <SpaceBetween size="m">
          <Alert type="warning">
            It is shown this once and stored nowhere in Skafu. Keep it where the program reads its
            secrets.
          </Alert>
          <FormField label="Client id">
            <CopyText text={client_id} what="the client id" />
          </FormField>
          <FormField label="Secret">
            <CopyText text={secret} what="the secret" />
          </FormField>
          <FormField label="Send a first point" description="In a shell, with SECRET set.">
            <pre className="code">{text}</pre>
          </FormField>
        </SpaceBetween>
      </Modal>
      {leaving && (
        <ConfirmDialog
          title="Leave without the secret?"
          consequence="It cannot be shown again. You would have to make a new one."
          action="Leave"
          onConfirm={props.onClose}
          onClose={() => setLeaving(false)}
        />
      )}
    </>
  );
}
