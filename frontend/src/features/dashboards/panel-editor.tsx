import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { type FormEvent, useId, useMemo, useState } from "react";
import {
  type Content,
  freshId,
  LIMITS,
  PANEL_KINDS,
  type Panel,
  type PanelType,
  type Variable,
} from "./model";
import { PanelBody, type View } from "./panel-body";
import { checkedPanel, withType } from "./panel-draft";
import { AlertsFields, PlaceFields, ThresholdFields, UnitField } from "./panel-fields";
import { QueryFields } from "./query-fields";
import { rangeOf, type Search } from "./search";
import { choicesOf } from "./substitution";
import { useSettled } from "./use-settled";
import { useSpan } from "./use-span";

interface PanelEditorProps {
  readonly panel: Panel;
  readonly variables: readonly Variable[];
  readonly search: Search;
  readonly range: Content["range"];
  readonly onDone: (panel: Panel) => void;
  readonly onClose: () => void;
}

/** Everything about one panel, with the panel as it would look above. */
export function PanelEditor(props: PanelEditorProps) {
  const { variables } = props;
  const [panel, setPanel] = useState(props.panel);
  const [tried, setTried] = useState(false);
  const form = useId();
  const kind = PANEL_KINDS[panel.type];
  const problems = checkedPanel(panel, variables);
  const of = (field: string) =>
    tried ? problems.find((each) => each.field === field)?.reason : undefined;
  const set = (change: Partial<Panel>) => setPanel({ ...panel, ...change });

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (problems.length === 0) {
      props.onDone(panel);
    }
  }

  return (
    <Modal
      visible
      size="max"
      header={props.panel.title === "" ? `${kind.label} panel` : props.panel.title}
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
          <Preview {...props} panel={panel} />
          <div className="panel-fields">
            <FormField label="Title" errorText={of("title")}>
              <Input
                value={panel.title}
                autoFocus
                onChange={({ detail }) => set({ title: detail.value })}
              />
            </FormField>
            <FormField label="Shown as">
              <Select
                selectedOption={{ value: panel.type, label: kind.label }}
                options={Object.entries(PANEL_KINDS).map(([value, each]) => ({
                  value,
                  label: each.label,
                  description: each.about,
                }))}
                expandToViewport
                onChange={({ detail }) =>
                  setPanel(withType(panel, detail.selectedOption.value as PanelType))
                }
              />
            </FormField>
            {kind.queries && <UnitField unit={panel.unit} onChange={setPanel} panel={panel} />}
          </div>
          {kind.queries && (
            <Queries panel={panel} variables={variables} wrong={of} onChange={setPanel} />
          )}
          {panel.type === "text" && (
            <FormField
              label="Text"
              description="Shown as it is; addresses become links."
              errorText={of("text")}
              stretch
            >
              <Textarea
                rows={8}
                value={panel.text ?? ""}
                onChange={({ detail }) => set({ text: detail.value })}
              />
            </FormField>
          )}
          {panel.type === "alerts" && <AlertsFields panel={panel} onChange={setPanel} />}
          {kind.queries && <ThresholdFields panel={panel} onChange={setPanel} />}
          <PlaceFields panel={panel} onChange={setPanel} />
          {tried && problems.length > 0 && (
            <div role="alert">
              <Box color="text-status-error">
                {problems[0]?.field}: {problems[0]?.reason}
              </Box>
            </div>
          )}
        </SpaceBetween>
      </form>
    </Modal>
  );
}

function Queries(props: {
  panel: Panel;
  variables: readonly Variable[];
  wrong: (field: string) => string | undefined;
  onChange: (panel: Panel) => void;
}) {
  const { panel, onChange } = props;
  const { queries } = panel;
  const full = queries.length >= LIMITS.queries;
  const add = (expression: boolean) => {
    const ids = queries.map((each) => each.id);
    const letter = [..."abcdefghij"].find((each) => !ids.includes(each));
    const id = letter ?? freshId("q", ids).replace("-", "");
    const query = expression ? { id, expression: "" } : { id, metric: "", statistic: "avg" };
    onChange({ ...panel, queries: [...queries, query] });
  };
  return (
    <SpaceBetween size="s">
      {queries.map((query, index) => (
        <QueryFields
          key={query.id}
          query={query}
          variables={props.variables}
          wrong={(field) => props.wrong(`queries.${index}.${field}`)}
          onChange={(next) =>
            onChange({
              ...panel,
              queries: queries.map((each) => (each.id === next.id ? next : each)),
            })
          }
          {...(queries.length > 1 && {
            onRemove: () =>
              onChange({ ...panel, queries: queries.filter((each) => each.id !== query.id) }),
          })}
        />
      ))}
      <SpaceBetween direction="horizontal" size="xs">
        <Button iconName="add-plus" formAction="none" disabled={full} onClick={() => add(false)}>
          Add a query
        </Button>
        <Button iconName="add-plus" formAction="none" disabled={full} onClick={() => add(true)}>
          Add an expression
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}

/** The panel as it would look; while something is missing it says so, and asks for nothing. */
function Preview(props: PanelEditorProps) {
  const { variables, search } = props;
  const panel = useSettled(props.panel);
  const ready = checkedPanel(panel, variables).length === 0;
  const { span } = useSpan(rangeOf(search, props.range), 0);
  const choices = useMemo(() => choicesOf(variables, search.vars ?? {}), [variables, search.vars]);
  const view: View = { choices, span, syncKey: "panel editor", onZoom: () => undefined };
  return (
    <div className="panel-preview">
      <section className="panel" aria-label="Preview">
        <div className="panel-head">
          <h2>{props.panel.title}</h2>
        </div>
        {ready ? (
          <PanelBody panel={panel} view={view} />
        ) : (
          <p className="panel-body panel-empty">
            Here the panel is shown once it has what it needs.
          </p>
        )}
      </section>
    </div>
  );
}
