import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
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
import { Failure } from "~/ui/states";
import { useToasts } from "~/ui/toasts";
import {
  type Channel,
  type Draft,
  draftOf,
  EMPTY,
  KINDS,
  kindOf,
  requestOf,
  type Type,
} from "./channel";
import { TemplateFields } from "./template-fields";

/** Fields of the API that stand in this form under a name of their own. */
const FIELDS = [
  "name",
  "url",
  "address",
  "routing_key",
  "secret",
  "template",
  "template.title",
  "template.text",
];
const REGIONS = [
  { value: "us", label: "United States" },
  { value: "eu", label: "Europe" },
];

/** Makes a channel, or changes `channel`. `onSecret` gets a webhook's secret, which is shown once. */
export function ChannelForm(props: {
  channel: Channel | null;
  onClose: () => void;
  onSecret: (name: string, secret: string) => void;
}) {
  const { channel } = props;
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const form = useId();
  // Not kept over a reload: what is typed here is secret.
  const [draft, setDraft] = useState<Draft>(() => (channel === null ? EMPTY : draftOf(channel)));
  const save = useMutation({
    mutationFn: async () => {
      const request = requestOf(draft);
      if (channel === null) {
        return await body(api.POST("/api/channels", { body: request }));
      }
      const params = {
        path: { id: channel.id },
        header: { "If-Match": `"${channel.version}"` },
      };
      const saved = await body(api.PUT("/api/channels/{id}", { params, body: request }));
      return { ...saved, secret: "" };
    },
    onSuccess: async (saved) => {
      toasts.success(`${saved.name} is saved. Send a test to see that it arrives.`);
      await queries.invalidateQueries({ queryKey: ["channels"] });
      props.onClose();
      if (saved.secret !== "" && draft.secret.trim() === "") {
        props.onSecret(saved.name, saved.secret);
      }
    },
  });
  const problem = save.error instanceof ApiProblem ? save.error : null;
  const elsewhere =
    save.error !== null &&
    (problem === null ||
      !problem.errors.every((each) => FIELDS.includes(each.field)) ||
      problem.errors.length === 0);
  const kind = kindOf(draft.type);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  return (
    <Modal
      visible
      size="large"
      header={channel === null ? "New channel" : `Change ${channel.name}`}
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" form={form} loading={save.isPending}>
              Save
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <SpaceBetween size="l">
          {elsewhere && <Failure error={save.error} what="The channel was not saved" />}
          <FormField label="Name" errorText={problem?.of("name")}>
            <Input
              value={draft.name}
              autoFocus
              onChange={({ detail }) => set({ name: detail.value })}
            />
          </FormField>
          {channel === null && (
            <FormField label="Where to">
              <RadioGroup
                value={draft.type}
                items={KINDS.map((each) => ({
                  value: each.type,
                  label: each.label,
                  description: each.description,
                }))}
                onChange={({ detail }) => set({ type: detail.value as Type, target: "" })}
              />
            </FormField>
          )}
          <FormField
            label={kind.targetLabel}
            {...(channel !== null && kind.secret
              ? { constraintText: "It is secret and not shown. Left empty, it stays." }
              : {})}
            errorText={problem?.of(kind.target)}
          >
            <Input
              value={draft.target}
              placeholder={kind.placeholder}
              autoComplete={false}
              spellcheck={false}
              onChange={({ detail }) => set({ target: detail.value })}
            />
          </FormField>
          {draft.type === "webhook" && (
            <FormField
              label="Secret"
              constraintText={
                channel === null
                  ? "Signs each request (Standard Webhooks). Left empty, one is made and shown once."
                  : "Left empty, it stays. To change it without a gap, rotate it in the list."
              }
              errorText={problem?.of("secret")}
            >
              <Input
                value={draft.secret}
                placeholder="whsec_…"
                autoComplete={false}
                spellcheck={false}
                onChange={({ detail }) => set({ secret: detail.value })}
              />
            </FormField>
          )}
          {draft.type === "pagerduty" && (
            <FormField label="Region" errorText={problem?.of("region")}>
              <RadioGroup
                value={draft.region}
                items={REGIONS}
                onChange={({ detail }) => set({ region: detail.value === "eu" ? "eu" : "us" })}
              />
            </FormField>
          )}
          {draft.type === "email" && channel === null && (
            <Alert type="info">
              The address gets a mail and hears nothing before it has confirmed.
            </Alert>
          )}
          <Checkbox
            checked={draft.sendsResolved}
            onChange={({ detail }) => set({ sendsResolved: detail.checked })}
          >
            Tell also when it is over
          </Checkbox>
          <ExpandableSection
            headerText="Wording"
            defaultExpanded={draft.title !== "" || draft.text !== ""}
          >
            <TemplateFields
              draft={draft}
              onChange={set}
              errorOf={(field) =>
                problem?.of(field) ??
                (field === "template.text" ? problem?.of("template") : undefined)
              }
            />
          </ExpandableSection>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
