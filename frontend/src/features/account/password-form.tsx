import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, useState } from "react";
import { useSession } from "~/auth/session";
import { useToasts } from "~/ui/toasts";

const EMPTY = { before: "", after: "", again: "" };

/** What is wrong with the passwords before Cognito is asked; null for nothing. */
export function mistake(fields: typeof EMPTY): string | null {
  if (fields.before === "" || fields.after === "") {
    return "Enter the present password and a new one.";
  }
  if (fields.after === fields.before) {
    return "The new password is the present one. Choose another.";
  }
  return fields.after === fields.again ? null : "The new password was typed in two different ways.";
}

export function PasswordForm() {
  const { auth, email } = useSession();
  const toasts = useToasts();
  const [fields, setFields] = useState(EMPTY);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const found = mistake(fields);
    setFailure(found);
    if (found !== null || busy) {
      return;
    }
    setBusy(true);
    try {
      await auth.changePassword(fields.before, fields.after);
      setFields(EMPTY);
      toasts.success("Password changed");
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  }

  const field = (name: keyof typeof EMPTY, label: string, autoComplete: string) => (
    <FormField label={label}>
      <Input
        type="password"
        name={name}
        autoComplete={autoComplete}
        value={fields[name]}
        onChange={({ detail }) => setFields((before) => ({ ...before, [name]: detail.value }))}
      />
    </FormField>
  );

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Container header={<Header variant="h2">Password</Header>}>
        <Form
          actions={
            <Button loading={busy} loadingText="Changing the password">
              Change password
            </Button>
          }
          {...(failure === null ? {} : { errorText: failure })}
        >
          <SpaceBetween size="m">
            {/* Password managers ask whose password it is. */}
            <input
              type="text"
              className="said"
              name="username"
              autoComplete="username"
              value={email}
              readOnly
              tabIndex={-1}
              aria-hidden="true"
            />
            {field("before", "Present password", "current-password")}
            {field("after", "New password", "new-password")}
            {field("again", "New password again", "new-password")}
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
