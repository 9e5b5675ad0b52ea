import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import { Failure } from "~/ui/states";
import type { Secret } from "./secret-dialog";
import { roleFor, SCOPES } from "./wording";

/** Asks for a name and what the machine may do; `onCreated` gets what is shown once. */
export function CreateDialog(props: { onClose: () => void; onCreated: (secret: Secret) => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const form = useId();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly string[]>(["skafu/metrics.write"]);
  const create = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/clients", {
          body: { name: name.trim(), role: roleFor(scopes), scopes: scopes as never },
        }),
      ),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["clients"] });
      props.onCreated(made);
    },
  });
  const problem = create.error instanceof ApiProblem ? create.error : null;
  const named = problem?.errors.some((each) => ["name", "scopes"].includes(each.field)) ?? false;
  return (
    <Modal
      visible
      header="Create a machine client"
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" form={form} loading={create.isPending}>
              Create
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <SpaceBetween size="m">
          {problem !== null && !named && <Failure error={problem} what="No client was created" />}
          <FormField
            label="Name"
            description="Which program this is."
            errorText={problem?.of("name")}
          >
            <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
          </FormField>
          <FormField
            label="What it may do"
            constraintText={`It gets the role ${roleFor(scopes)}.`}
            errorText={problem?.of("scopes")}
          >
            <SpaceBetween size="xxs">
              {SCOPES.map((each) => (
                <Checkbox
                  key={each.value}
                  checked={scopes.includes(each.value)}
                  onChange={({ detail }) =>
                    setScopes(
                      SCOPES.map((scope) => scope.value).filter((scope) =>
                        scope === each.value ? detail.checked : scopes.includes(scope),
                      ),
                    )
                  }
                >
                  {each.label}
                </Checkbox>
              ))}
            </SpaceBetween>
          </FormField>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
