import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { useRefusal } from "~/auth/session";
import { Time } from "~/ui/time";
import { useToasts } from "~/ui/toasts";
import { useAssignable, usePeople } from "./data";
import type { Instance } from "./model";

const NOBODY = { value: "", label: "Nobody" };

type Act = { readonly do: "acknowledge" | "unacknowledge" } | { readonly assign: string | null };

/** Who looks after what fires: nobody else is called while somebody does. */
export function Engagement(props: { id: string; instance: Instance }) {
  const { id, instance } = props;
  const api = useApi();
  const client = useQueryClient();
  const toasts = useToasts();
  const name = usePeople();
  const people = useAssignable();
  const refused = useRefusal("editor");
  const act = useMutation({
    mutationFn: async (wanted: Act) => {
      const params = { path: { id } };
      const meant = { tags: instance.tags };
      if ("assign" in wanted) {
        const sent = { ...meant, assignee: wanted.assign } as never;
        await api.POST("/api/alerts/{id}/assign", { params, body: sent });
      } else if (wanted.do === "acknowledge") {
        await api.POST("/api/alerts/{id}/acknowledge", { params, body: meant as never });
      } else {
        await api.POST("/api/alerts/{id}/unacknowledge", { params, body: meant as never });
      }
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["alerts"] }),
    onError: (error) => toasts.error("It was not done", error),
  });
  const acknowledged = instance.acknowledged_by !== null;
  const known = people.map((each) => ({ value: each.id, label: each.name }));
  const assignee = instance.assignee;
  const options = [
    NOBODY,
    ...known,
    ...(assignee !== null && !known.some((each) => each.value === assignee)
      ? [{ value: assignee, label: name(assignee) }]
      : []),
  ];
  const off = refused === null ? {} : { disabled: true, disabledReason: refused };
  return (
    <Container header={<Header variant="h2">Who looks after it</Header>}>
      <SpaceBetween size="m">
        <Box>
          {acknowledged ? (
            <>
              Acknowledged by {name(instance.acknowledged_by)}
              {instance.acknowledged_at !== null && (
                <>
                  {" "}
                  <Time at={instance.acknowledged_at} />
                </>
              )}
              . Nobody else is called.
            </>
          ) : (
            "Nobody has acknowledged it. Routes with steps call further people."
          )}
        </Box>
        <SpaceBetween direction="horizontal" size="s" alignItems="end">
          <Button
            {...(acknowledged ? {} : { variant: "primary" as const })}
            loading={act.isPending}
            onClick={() => act.mutate({ do: acknowledged ? "unacknowledge" : "acknowledge" })}
            {...off}
          >
            {acknowledged ? "Take it back" : "Acknowledge"}
          </Button>
          <FormField label="Assigned to">
            <Select
              options={options}
              selectedOption={options.find((each) => each.value === (assignee ?? "")) ?? NOBODY}
              disabled={refused !== null || act.isPending}
              onChange={({ detail }) => act.mutate({ assign: detail.selectedOption.value || null })}
            />
          </FormField>
        </SpaceBetween>
      </SpaceBetween>
    </Container>
  );
}
