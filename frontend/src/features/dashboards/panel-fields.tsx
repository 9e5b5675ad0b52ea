import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { severityText } from "~/features/alerts/badges";
import { SEVERITIES } from "./importing";
import { labelsOf, labelsText } from "./labels-text";
import { COLUMNS, LIMITS, type Panel, type Severity, type Threshold, type Unit } from "./model";
import { UNITS } from "./units";

interface FieldsProps {
  readonly panel: Panel;
  readonly onChange: (panel: Panel) => void;
}

const AS_SENT = { value: "", label: "As the metric has it" };

export function UnitField(props: FieldsProps & { unit: Unit | undefined }) {
  const { panel, unit, onChange } = props;
  return (
    <FormField label="Unit">
      <Select
        selectedOption={unit === undefined ? AS_SENT : { value: unit, label: unit }}
        options={[AS_SENT, ...UNITS.map((value) => ({ value, label: value }))]}
        filteringType="auto"
        expandToViewport
        onChange={({ detail }) => {
          const { unit: _unit, ...rest } = panel;
          const chosen = detail.selectedOption.value as Unit | "";
          onChange(chosen === "" ? rest : { ...rest, unit: chosen });
        }}
      />
    </FormField>
  );
}

const severityOption = (value: Severity) => ({ value, label: severityText(value) });

/** Lines across a chart, colours of a number. */
export function ThresholdFields(props: FieldsProps) {
  const { panel, onChange } = props;
  const set = (thresholds: readonly Threshold[]) => onChange({ ...panel, thresholds });
  return (
    <FormField
      label="Thresholds"
      description="A line across the chart; a number takes its colour from the highest that it has reached."
      stretch
    >
      {panel.thresholds.map((each, index) => (
        <ThresholdRow
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be the same while they are typed
          key={index}
          threshold={each}
          onChange={(next) =>
            set(panel.thresholds.map((other, place) => (place === index ? next : other)))
          }
          onRemove={() => set(panel.thresholds.filter((_, place) => place !== index))}
        />
      ))}
      <Button
        iconName="add-plus"
        formAction="none"
        disabled={panel.thresholds.length >= LIMITS.thresholds}
        onClick={() => set([...panel.thresholds, { value: 0, severity: "high" }])}
      >
        Add a threshold
      </Button>
    </FormField>
  );
}

function ThresholdRow(props: {
  threshold: Threshold;
  onChange: (threshold: Threshold) => void;
  onRemove: () => void;
}) {
  const { threshold, onChange } = props;
  const [text, setText] = useState(String(threshold.value));
  const value = Number(text);
  const wrong = text.trim() === "" || !Number.isFinite(value);
  return (
    <div className="panel-row">
      <div className="grow">
        <Input
          value={text}
          inputMode="decimal"
          ariaLabel="Value of the threshold"
          invalid={wrong}
          onChange={({ detail }) => {
            setText(detail.value);
            if (detail.value.trim() !== "" && Number.isFinite(Number(detail.value))) {
              onChange({ ...threshold, value: Number(detail.value) });
            }
          }}
          onBlur={() => setText(String(threshold.value))}
        />
      </div>
      <Select
        ariaLabel="Severity of the threshold"
        selectedOption={severityOption(threshold.severity)}
        options={SEVERITIES.map(severityOption)}
        expandToViewport
        onChange={({ detail }) =>
          onChange({ ...threshold, severity: detail.selectedOption.value as Severity })
        }
      />
      <Button
        iconName="close"
        variant="icon"
        formAction="none"
        ariaLabel={`Remove the threshold ${threshold.value}`}
        onClick={props.onRemove}
      />
    </div>
  );
}

const ANY = { value: "", label: "Any" };

/** Which alerts a list shows. */
export function AlertsFields(props: FieldsProps) {
  const { panel, onChange } = props;
  const [text, setText] = useState(labelsText(panel.alerts?.labels ?? {}));
  const severity = panel.alerts?.severity;
  const found = labelsOf(text);
  const set = (chosen: Severity | undefined, labels: Readonly<Record<string, string>>) => {
    const { alerts: _alerts, ...rest } = panel;
    const asked = {
      ...(chosen === undefined ? {} : { severity: chosen }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
    };
    onChange(Object.keys(asked).length === 0 ? rest : { ...rest, alerts: asked });
  };
  return (
    <div className="panel-fields">
      <FormField label="Severity">
        <Select
          selectedOption={severity === undefined ? ANY : severityOption(severity)}
          options={[ANY, ...SEVERITIES.map(severityOption)]}
          expandToViewport
          onChange={({ detail }) => {
            const chosen = detail.selectedOption.value;
            set(chosen === "" ? undefined : (chosen as Severity), panel.alerts?.labels ?? {});
          }}
        />
      </FormField>
      <FormField
        label="Labels"
        description="All of them: team=web, app=shop"
        errorText={"reason" in found ? found.reason : undefined}
      >
        <Input
          value={text}
          onChange={({ detail }) => {
            setText(detail.value);
            const typed = labelsOf(detail.value);
            if ("labels" in typed) {
              set(severity, typed.labels);
            }
          }}
        />
      </FormField>
    </div>
  );
}

/** Where it lies and how large it is: the same as dragging does. */
export function PlaceFields(props: FieldsProps) {
  const { panel, onChange } = props;
  const fields = [
    { label: "Column", value: panel.x + 1, most: COLUMNS - panel.w + 1, key: "x", less: 1 },
    { label: "Row", value: panel.y + 1, most: LIMITS.rows, key: "y", less: 1 },
    { label: "Columns wide", value: panel.w, most: COLUMNS - panel.x, key: "w", less: 0 },
    { label: "Rows high", value: panel.h, most: LIMITS.height, key: "h", less: 0 },
  ] as const;
  return (
    <div className="panel-fields">
      {fields.map(({ label, value, most, key, less }) => (
        <FormField key={key} label={label}>
          <Input
            type="number"
            value={String(value)}
            step={1}
            nativeInputAttributes={{ min: 1, max: most }}
            onChange={({ detail }) => {
              const typed = Math.round(Number(detail.value));
              if (typed >= 1 && typed <= most) {
                onChange({ ...panel, [key]: typed - less });
              }
            }}
          />
        </FormField>
      ))}
    </div>
  );
}
