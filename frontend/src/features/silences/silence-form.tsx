import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { body } from "~/api/client";
import { now } from "~/api/clock";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import { useDraft } from "~/ui/draft";
import type { Matcher } from "~/ui/matchers/matcher";
import { MatcherEditor } from "~/ui/matchers/matcher-editor";
import { Failure } from "~/ui/states";
import { useToasts } from "~/ui/toasts";
import { type Draft, draftOf, emptyDraft, requestOf, type Silence, type Timing } from "./draft";
import { Preview } from "./preview";
import { TimingFields } from "./timing-fields";

const TIMINGS = [
  { value: "once", label: "Once", description: "for a while, then it is over" },
  { value: "recurring", label: "Again and again", description: "maintenance windows, nights" },
  {
    value: "until_resolved",
    label: "Until resolved",
    description: "what fires now, each until it is over, not its next firing",
  },
];
const FIELDS = ["comment", "ends_at", "starts_at", "rrule", "duration", "time_zone"];

/** Makes a silence, or changes `silence`; what was typed is kept until it is saved. */
export function SilenceForm(props: {
  silence: Silence | null;
  matchers: readonly Matcher[];
  onClose: () => void;
}) {
  const { silence } = props;
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const form = useId();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [initial] = useState(() =>
    silence === null ? emptyDraft(props.matchers, zone) : draftOf(silence, zone),
  );
  const kept = useDraft<Draft>(
    silence === null
      ? `silence new ${JSON.stringify(props.matchers)}`
      : `silence ${silence.id} ${silence.version}`,
    initial,
  );
  const draft = kept.value;
  const save = useMutation({
    mutationFn: () => {
      const request = requestOf(draft, now());
      return silence === null
        ? body(api.POST("/api/silences", { body: request }))
        : body(
            api.PUT("/api/silences/{id}", {
              params: { path: { id: silence.id }, header: { "If-Match": `"${silence.version}"` } },
              body: request,
            }),
          );
    },
    onSuccess: async () => {
      kept.clear();
      toasts.success("The silence is saved.");
      await queries.invalidateQueries({ queryKey: ["silences"] });
      props.onClose();
    },
  });
  const problem = save.error instanceof ApiProblem ? save.error : null;
  const errorOf = (field: string) => problem?.of(field);
  const shownBesides = problem?.errors.every(
    (each) => FIELDS.includes(each.field) || /^matchers\.\d+\.(label|value)$/.test(each.field),
  );
  const set = (change: Partial<Draft>) => kept.set({ ...draft, ...change });
  return (
    <Modal
      visible
      size="large"
      header={silence === null ? "New silence" : "Change the silence"}
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" form={form} loading={save.isPending}>
              {silence === null ? "Silence" : "Save"}
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
          {kept.restored && <Alert type="info">What you had typed is still here.</Alert>}
          {save.error !== null &&
            (problem === null || problem.errors.length === 0 || !shownBesides) && (
              <Failure error={save.error} what="The silence was not saved" />
            )}
          <FormField
            label="What is silenced"
            description="Notifications for which all of these hold. Labels are the instance's tags, the alert's labels, alertname and severity."
            errorText={errorOf("matchers")}
            stretch
          >
            <MatcherEditor
              matchers={draft.matchers}
              onChange={(matchers) => set({ matchers })}
              errorOf={errorOf}
            />
          </FormField>
          <FormField label="When">
            <RadioGroup
              value={draft.timing}
              items={TIMINGS}
              onChange={({ detail }) => set({ timing: detail.value as Timing })}
            />
          </FormField>
          <TimingFields draft={draft} onChange={set} errorOf={errorOf} />
          <FormField
            label="Why"
            description="Whoever is on call reads this."
            errorText={errorOf("comment")}
            stretch
          >
            <Textarea
              rows={2}
              value={draft.comment}
              onChange={({ detail }) => set({ comment: detail.value })}
            />
          </FormField>
          <Preview draft={draft} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
