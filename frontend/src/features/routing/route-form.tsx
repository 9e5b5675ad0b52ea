import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useId, useState } from "react";
import { MatcherEditor } from "~/ui/matchers/matcher-editor";
import { ChannelChoice } from "./channel-choice";
import type { Route, Step } from "./policy";

/** Edits one route; nothing is stored before the whole list is saved. `errorOf` names fields from the route on. */
export function RouteForm(props: {
  route: Route;
  errorOf: (field: string) => string | undefined;
  onDone: (route: Route) => void;
  onClose: () => void;
}) {
  const form = useId();
  const [route, setRoute] = useState(props.route);
  const { errorOf } = props;
  const set = (change: Partial<Route>) => setRoute({ ...route, ...change });
  const steps = route.steps ?? [];
  const setStep = (index: number, change: Partial<Step>) =>
    set({ steps: steps.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  return (
    <Modal
      visible
      size="large"
      header={props.route.name === "" ? "New route" : `Route ${props.route.name}`}
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" form={form}>
              Done
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          props.onDone(route);
        }}
      >
        <SpaceBetween size="l">
          <FormField label="Name" errorText={errorOf("name")}>
            <Input
              value={route.name}
              autoFocus
              onChange={({ detail }) => set({ name: detail.value })}
            />
          </FormField>
          <FormField
            label="Which notifications"
            description="All conditions must hold. Without any, it takes everything."
            errorText={errorOf("matchers")}
            stretch
          >
            <MatcherEditor
              matchers={route.matchers ?? []}
              onChange={(matchers) => set({ matchers })}
              errorOf={errorOf}
            />
          </FormField>
          <FormField label="Who is told" errorText={errorOf("channels")} stretch>
            <ChannelChoice
              label="Channels"
              chosen={route.channels}
              onChange={(channels) => set({ channels })}
            />
          </FormField>
          <FormField
            label="Told together"
            description="Labels, set apart by commas: notifications with the same values are told in one message. Empty: each alert by itself."
            errorText={errorOf("group_by")}
            stretch
          >
            <Input
              value={(route.group_by ?? []).join(", ")}
              onChange={({ detail }) => set({ group_by: labels(detail.value) })}
            />
          </FormField>
          <Grid
            gridDefinition={Array.from({ length: 3 }, () => ({ colspan: { default: 12, s: 4 } }))}
          >
            <Seconds
              label="Wait for more"
              value={route.wait}
              error={errorOf("wait")}
              onChange={(wait) => set({ wait })}
            />
            <Seconds
              label="Between messages"
              value={route.interval}
              error={errorOf("interval")}
              onChange={(interval) => set({ interval })}
            />
            <Seconds
              label="Say again after"
              value={route.repeat}
              error={errorOf("repeat")}
              onChange={(repeat) => set({ repeat })}
            />
          </Grid>
          <FormField
            label="Escalation"
            description="Who else is told while nobody acknowledges."
            errorText={errorOf("steps")}
            stretch
          >
            <SpaceBetween size="xs">
              {steps.map((step, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: steps have no other identity while they are typed
                <Grid key={index} gridDefinition={[{ colspan: 3 }, { colspan: 7 }, { colspan: 2 }]}>
                  <Seconds
                    label={`Step ${index + 1} after`}
                    value={step.after}
                    error={errorOf(`steps.${index}.after`)}
                    onChange={(after) => setStep(index, { after })}
                  />
                  <FormField
                    label={`Step ${index + 1} tells`}
                    errorText={errorOf(`steps.${index}.channels`)}
                  >
                    <ChannelChoice
                      label={`Channels of step ${index + 1}`}
                      chosen={step.channels}
                      onChange={(channels) => setStep(index, { channels })}
                    />
                  </FormField>
                  <Button
                    variant="icon"
                    iconName="remove"
                    formAction="none"
                    ariaLabel={`Remove step ${index + 1}`}
                    onClick={() => set({ steps: steps.filter((_, at) => at !== index) })}
                  />
                </Grid>
              ))}
              <Button
                iconName="add-plus"
                formAction="none"
                onClick={() =>
                  set({
                    steps: [...steps, { after: (steps.at(-1)?.after ?? 0) + 900, channels: [] }],
                  })
                }
              >
                Add a step
              </Button>
            </SpaceBetween>
          </FormField>
          <Checkbox
            checked={route.proceed}
            onChange={({ detail }) => set({ proceed: detail.checked })}
          >
            Later routes are tried too
          </Checkbox>
        </SpaceBetween>
      </form>
    </Modal>
  );
}

function labels(text: string): readonly string[] | null {
  const found = text.split(",").map((each) => each.trimStart());
  return text.trim() === "" ? null : found;
}

function Seconds(props: {
  label: string;
  value: number;
  error: string | undefined;
  onChange: (value: number) => void;
}) {
  return (
    <FormField label={props.label} constraintText="seconds" errorText={props.error}>
      <Input
        type="number"
        inputMode="numeric"
        value={String(props.value)}
        onChange={({ detail }) => props.onChange(Number(detail.value))}
      />
    </FormField>
  );
}
