import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import type { Role } from "~/auth/session";
import { Failure } from "~/ui/states";
import { useToasts } from "~/ui/toasts";

const ROLES = [
  { value: "viewer", label: "Viewer", description: "looks at everything, changes nothing" },
  {
    value: "editor",
    label: "Editor",
    description: "makes and changes alerts, silences, dashboards",
  },
  {
    value: "admin",
    label: "Admin",
    description: "also manages members, machine clients, channels",
  },
];

/** Asks for an address and a role, and invites. */
export function InviteDialog(props: { onClose: () => void }) {
  const api = useApi();
  const client = useQueryClient();
  const toasts = useToasts();
  const form = useId();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const invite = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/members", {
          body: { email: email.trim(), role, name: name.trim() === "" ? null : name.trim() },
        }),
      ),
    onSuccess: async () => {
      toasts.success(`${email.trim()} gets a mail with a first password.`);
      await client.invalidateQueries({ queryKey: ["members"] });
      props.onClose();
    },
  });
  const problem = invite.error instanceof ApiProblem ? invite.error : null;
  const fields = ["email", "name", "role"];
  const elsewhere = problem !== null && !problem.errors.some((each) => fields.includes(each.field));
  return (
    <Modal
      visible
      header="Invite a member"
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" form={form} loading={invite.isPending}>
              Invite
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <SpaceBetween size="m">
          {elsewhere && <Failure error={problem} what="Nobody was invited" />}
          <FormField label="Email address" errorText={problem?.of("email")}>
            <Input
              type="email"
              value={email}
              autoFocus
              onChange={({ detail }) => setEmail(detail.value)}
            />
          </FormField>
          <FormField label="Name" constraintText="Optional." errorText={problem?.of("name")}>
            <Input value={name} onChange={({ detail }) => setName(detail.value)} />
          </FormField>
          <FormField label="Role" errorText={problem?.of("role")}>
            <RadioGroup
              value={role}
              items={ROLES}
              onChange={({ detail }) => setRole(detail.value as Role)}
            />
          </FormField>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
