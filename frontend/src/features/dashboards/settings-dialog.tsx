import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import TokenGroup from "@cloudscape-design/components/token-group";
import { type FormEvent, useId, useState } from "react";
import { PRESETS, rangeText } from "~/ui/time-range";
import { contentFrom } from "./importing";
import { type Content, LIMITS, type Variable } from "./model";
import { MetricField } from "./query-fields";

/** Name, description, range and variables of a dashboard. */
export function SettingsDialog(props: {
  content: Content;
  onDone: (content: Content) => void;
  onClose: () => void;
}) {
  const [draft, setDraft] = useState(props.content);
  const [tried, setTried] = useState(false);
  const form = useId();
  // Panels are not changed here: only whether they still find their variables counts.
  const checked = contentFrom(draft);
  const wrong = "wrong" in checked && tried ? checked.wrong : [];
  const of = (field: string) => wrong.find((each) => each.field === field)?.reason;
  const elsewhere = wrong.filter((each) => each.field.startsWith("panels."));

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!("wrong" in checked)) {
      props.onDone(draft);
    }
  }
  const setVariable = (index: number, change: Partial<Variable>) =>
    setDraft({
      ...draft,
      variables: draft.variables.map((each, place) =>
        place === index ? { ...each, ...change } : each,
      ),
    });
  const ranges = PRESETS.some((each) => each.last === draft.range.last)
    ? PRESETS
    : [...PRESETS, { last: draft.range.last, label: rangeText(draft.range) }];

  return (
    <Modal
      visible
      size="large"
      header="Settings"
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" form={form}>
              Apply
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={form} onSubmit={submit}>
        <SpaceBetween size="m">
          <FormField label="Name" errorText={of("name")}>
            <Input
              value={draft.name}
              onChange={({ detail }) => setDraft({ ...draft, name: detail.value })}
            />
          </FormField>
          <FormField label="Description" errorText={of("description")}>
            <Textarea
              rows={2}
              value={draft.description}
              onChange={({ detail }) => setDraft({ ...draft, description: detail.value })}
            />
          </FormField>
          <FormField label="Time range" description="What is shown at first.">
            <Select
              selectedOption={{ value: String(draft.range.last), label: rangeText(draft.range) }}
              options={ranges.map((each) => ({ value: String(each.last), label: each.label }))}
              onChange={({ detail }) =>
                setDraft({ ...draft, range: { last: Number(detail.selectedOption.value) } })
              }
            />
          </FormField>
          <Box variant="h3">Variables</Box>
          <Box color="text-body-secondary">
            Values of a tag that people choose above the panels. In a filter, $name stands for them.
          </Box>
          {draft.variables.map((each, index) => (
            <VariableFields
              // biome-ignore lint/suspicious/noArrayIndexKey: its name is being typed
              key={index}
              variable={each}
              wrong={(field) => of(`variables.${index}.${field}`)}
              onChange={(change) => setVariable(index, change)}
              onRemove={() =>
                setDraft({
                  ...draft,
                  variables: draft.variables.filter((_, place) => place !== index),
                })
              }
            />
          ))}
          <Button
            iconName="add-plus"
            formAction="none"
            disabled={draft.variables.length >= LIMITS.variables}
            disabledReason={`A dashboard has at most ${LIMITS.variables} variables.`}
            onClick={() =>
              setDraft({
                ...draft,
                variables: [...draft.variables, { name: "", tag: "", default: [] }],
              })
            }
          >
            Add a variable
          </Button>
          {elsewhere.length > 0 && (
            <div role="alert">
              <Box color="text-status-error">
                Panels need what is missing here: {elsewhere[0]?.reason}.
              </Box>
            </div>
          )}
        </SpaceBetween>
      </form>
    </Modal>
  );
}

function VariableFields(props: {
  variable: Variable;
  wrong: (field: string) => string | undefined;
  onChange: (change: Partial<Variable>) => void;
  onRemove: () => void;
}) {
  const { variable, wrong, onChange } = props;
  const [value, setValue] = useState("");
  const add = () => {
    if (value !== "" && !variable.default.includes(value)) {
      onChange({ default: [...variable.default, value] });
    }
    setValue("");
  };
  return (
    <div className="panel-query">
      <div className="panel-fields">
        <FormField label="Name" errorText={wrong("name")}>
          <Input
            value={variable.name}
            placeholder="host"
            onChange={({ detail }) => onChange({ name: detail.value })}
          />
        </FormField>
        <FormField label="Tag" errorText={wrong("tag")}>
          <Input
            value={variable.tag}
            placeholder="host"
            onChange={({ detail }) => onChange({ tag: detail.value })}
          />
        </FormField>
        <FormField label="Values from" errorText={wrong("metric")}>
          <MetricField
            value={variable.metric ?? ""}
            placeholder="the panels' metrics"
            onChange={(metric) => onChange({ metric: metric === "" ? undefined : metric } as never)}
          />
        </FormField>
      </div>
      <FormField label="Chosen at first" description="None: all values.">
        <div className="panel-row">
          <div className="grow">
            <Input
              value={value}
              ariaLabel={`A value of ${variable.tag || "the tag"} that is chosen at first`}
              onChange={({ detail }) => setValue(detail.value)}
              onKeyDown={({ detail, preventDefault }) => {
                if (detail.key === "Enter") {
                  preventDefault();
                  add();
                }
              }}
            />
          </div>
          <Button formAction="none" onClick={add} disabled={value === ""}>
            Add
          </Button>
        </div>
        <TokenGroup
          items={variable.default.map((each) => ({ label: each, dismissLabel: `Remove ${each}` }))}
          onDismiss={({ detail }) =>
            onChange({ default: variable.default.filter((_, place) => place !== detail.itemIndex) })
          }
        />
      </FormField>
      <div>
        <Button formAction="none" onClick={props.onRemove}>
          Remove the variable
        </Button>
      </div>
    </div>
  );
}
