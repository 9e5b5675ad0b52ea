import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { SEVERITY_OPTIONS, severityText } from "../badges";
import { same } from "../conflict";
import { useChannels } from "../data";
import type { AlertDraft, Severity } from "../model";
import { useForm } from "./form";
import { NumberField } from "./number-field";

type Pair = { readonly key: string; readonly value: string };

function pairsOf(labels: AlertDraft["labels"]): readonly Pair[] {
  return Object.entries(labels ?? {}).map(([key, value]) => ({ key, value }));
}

/** Labels while they are typed are pairs: two may have no name yet, or the same one. */
function LabelsField() {
  const { draft, set, wrong } = useForm();
  const [pairs, setPairs] = useState(() => pairsOf(draft.labels));
  const told = Object.fromEntries(
    pairs.filter((each) => each.key !== "").map((each) => [each.key, each.value]),
  );
  const [seen, setSeen] = useState(draft.labels);
  if (!same(seen, draft.labels)) {
    setSeen(draft.labels);
    if (!same(told, draft.labels)) {
      setPairs(pairsOf(draft.labels));
    }
  }
  const put = (next: readonly Pair[]) => {
    setPairs(next);
    const labels = Object.fromEntries(
      next.filter((each) => each.key !== "").map((each) => [each.key, each.value]),
    );
    set((before) => ({ ...before, labels }));
  };
  const twice = (key: string) => key !== "" && pairs.filter((each) => each.key === key).length > 1;
  const change = (at: number, part: Partial<Pair>) =>
    put(pairs.map((each, other) => (other === at ? { ...each, ...part } : each)));
  return (
    <FormField label="Labels" description="Routes and silences go by labels and tags." stretch>
      <AttributeEditor
        items={pairs}
        addButtonText="Add a label"
        removeButtonText="Remove"
        empty="No labels."
        removeButtonAriaLabel={(item) => `Remove the label ${item.key}`}
        onAddButtonClick={() => put([...pairs, { key: "", value: "" }])}
        onRemoveButtonClick={({ detail }) => put(pairs.filter((_, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: "Label",
            control: (item, at) => (
              <Input
                value={item.key}
                onChange={({ detail }) => change(at, { key: detail.value })}
              />
            ),
            errorText: (item) =>
              twice(item.key) ? "This label is there already." : wrong(`labels.${item.key}`),
          },
          {
            label: "Value",
            control: (item, at) => (
              <Input
                value={item.value}
                onChange={({ detail }) => change(at, { value: detail.value })}
              />
            ),
          },
        ]}
      />
    </FormField>
  );
}

function ChannelsField() {
  const { draft, set, wrong } = useForm();
  const channels = useChannels();
  const chosen = draft.channels ?? [];
  const known = (channels.data ?? []).map((each) => ({
    value: each.id,
    label: each.name,
    description: each.type,
  }));
  const others = chosen
    .filter((id) => !known.some((each) => each.value === id))
    .map((value) => ({ value, label: value }));
  const options = [...known, ...others];
  const error = chosen
    .map((_, place) => wrong(`channels.${place}`))
    .concat(wrong("channels"))
    .find((each) => each !== undefined);
  return (
    <FormField
      label="Channels"
      description="None: the routes say who is told."
      {...(error === undefined ? {} : { errorText: error })}
      stretch
    >
      <Multiselect
        options={options}
        selectedOptions={options.filter((each) => chosen.includes(each.value))}
        placeholder="By the routes"
        empty="No channels yet"
        statusType={channels.isPending ? "loading" : "finished"}
        deselectAriaLabel={(option) => `Remove ${option.label}`}
        onChange={({ detail }) =>
          set((before) => ({
            ...before,
            channels: detail.selectedOptions.map((each) => each.value ?? ""),
          }))
        }
      />
    </FormField>
  );
}

function SeverityField() {
  const { draft, set, wrong } = useForm();
  const severity = draft.severity ?? "medium";
  const error = wrong("severity");
  return (
    <FormField label="Severity" {...(error === undefined ? {} : { errorText: error })} stretch>
      <Select
        options={SEVERITY_OPTIONS}
        selectedOption={{ value: severity, label: severityText(severity) }}
        onChange={({ detail }) =>
          set((before) => ({ ...before, severity: detail.selectedOption.value as Severity }))
        }
      />
    </FormField>
  );
}

export function NameField() {
  const { draft, set, wrong } = useForm();
  const error = wrong("name");
  return (
    <FormField label="Name" {...(error === undefined ? {} : { errorText: error })} stretch>
      <Input
        value={draft.name}
        placeholder="CPU is busy"
        invalid={error !== undefined}
        onChange={({ detail }) => set((before) => ({ ...before, name: detail.value }))}
      />
    </FormField>
  );
}

/** Who hears of it, and what they need then. */
export function PeopleSection() {
  const { draft, set, wrong } = useForm();
  const runbook = wrong("runbook_url");
  const description = wrong("description");
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={3} minColumnWidth={170}>
        <SeverityField />
        <ChannelsField />
        <NumberField
          label="Cooldown"
          description="Nobody is told again within."
          constraint="Seconds. 0: at once."
          value={draft.cooldown ?? 0}
          whole
          error={wrong("cooldown")}
          onChange={(value) => set((before) => ({ ...before, cooldown: value ?? 0 }))}
        />
      </ColumnLayout>
      <FormField
        label="Runbook"
        constraintText="An https address: what to do when it fires."
        {...(runbook === undefined ? {} : { errorText: runbook })}
        stretch
      >
        <Input
          value={draft.runbook_url ?? ""}
          inputMode="url"
          placeholder="https://"
          onChange={({ detail }) =>
            set((before) => ({
              ...before,
              runbook_url: detail.value === "" ? null : detail.value,
            }))
          }
        />
      </FormField>
      <FormField
        label="Description"
        {...(description === undefined ? {} : { errorText: description })}
        stretch
      >
        <Textarea
          value={draft.description ?? ""}
          rows={2}
          onChange={({ detail }) => set((before) => ({ ...before, description: detail.value }))}
        />
      </FormField>
      <LabelsField />
    </SpaceBetween>
  );
}
