import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { unitName } from "~/ui/format";
import { SEVERITY_OPTIONS, severityText } from "../badges";
import { withComparison, withPeriods } from "../draft";
import { isRange } from "../evaluation/rules";
import { nextLevel, withLine } from "../lines";
import type { AlertDraft, Comparison, Level, MissingData, Severity } from "../model";
import { comparedUnit, MISSING_DATA } from "../words";
import { useForm } from "./form";
import { useLive } from "./moving";
import { NumberField } from "./number-field";

const COMPARISONS: readonly { readonly value: Comparison; readonly label: string }[] = [
  { value: ">", label: "above" },
  { value: ">=", label: "at or above" },
  { value: "<", label: "below" },
  { value: "<=", label: "at or below" },
  { value: "outside", label: "outside of a range" },
  { value: "inside", label: "within a range" },
];

/** One line's number: the same as on the chart, in step with it. */
function LimitField(props: {
  id: string;
  label: string;
  value: number | null | undefined;
  constraint?: string;
  optional?: boolean;
}) {
  const { draft, set, wrong, unit } = useForm();
  const name = unitName(comparedUnit(draft, unit));
  return (
    <NumberField
      label={props.label}
      value={props.value}
      error={wrong(props.id)}
      {...(props.constraint !== undefined
        ? { constraint: props.constraint }
        : name === ""
          ? {}
          : { constraint: `In ${name}.` })}
      {...(props.optional === undefined ? {} : { optional: props.optional })}
      onChange={(value) => set((before) => withLine(before, props.id, value))}
    />
  );
}

function ComparisonField() {
  const { draft, set, wrong } = useForm();
  const error = wrong("comparison");
  return (
    <FormField
      label="Breaching when"
      {...(error === undefined ? {} : { errorText: error })}
      stretch
    >
      <Select
        options={COMPARISONS}
        selectedOption={COMPARISONS.find((each) => each.value === draft.comparison) ?? null}
        onChange={({ detail }) =>
          set((before) => withComparison(before, detail.selectedOption.value as Comparison))
        }
      />
    </FormField>
  );
}

function Limits(props: { live: AlertDraft }) {
  const { live } = props;
  const range = isRange(live.comparison ?? ">");
  return (
    <ColumnLayout columns={3} minColumnWidth={150}>
      <ComparisonField />
      {range ? (
        <LimitField id="lower" label="Lower" value={live.lower} />
      ) : (
        <LimitField id="threshold" label="Threshold" value={live.threshold} />
      )}
      {range ? (
        <LimitField id="upper" label="Upper" value={live.upper} />
      ) : (
        <LimitField
          id="recovery"
          label="Recovers at"
          value={live.recovery}
          constraint="None: at the threshold."
          optional
        />
      )}
    </ColumnLayout>
  );
}

/** M of N: how much of the recent past must be breaching. */
function Persistence() {
  const { draft, set, wrong } = useForm();
  const n = draft.evaluation_periods ?? 1;
  return (
    <ColumnLayout columns={3} minColumnWidth={150}>
      <NumberField
        label="Breaching periods (M)"
        value={draft.datapoints_to_alarm ?? n}
        whole
        error={wrong("datapoints_to_alarm")}
        onChange={(value) => set((before) => ({ ...before, datapoints_to_alarm: value }))}
      />
      <NumberField
        label="of the last (N)"
        value={n}
        whole
        error={wrong("evaluation_periods")}
        onChange={(value) => value !== null && set((before) => withPeriods(before, value))}
      />
      <NumberField
        label="Keep firing"
        constraint="Seconds without anything breaching."
        value={draft.keep_firing ?? 0}
        whole
        error={wrong("keep_firing")}
        onChange={(value) => set((before) => ({ ...before, keep_firing: value ?? 0 }))}
      />
    </ColumnLayout>
  );
}

function LevelRow(props: { level: Level; place: number }) {
  const { level, place } = props;
  const { draft, set, wrong } = useForm();
  const range = isRange(draft.comparison ?? ">");
  const at = (limit: string) => `levels.${place}.${limit}`;
  const error = wrong(at("severity"));
  const put = (change: (levels: readonly Level[]) => readonly Level[]) =>
    set((before) => ({ ...before, levels: change(before.levels ?? []) }));
  return (
    <div className="alert-row">
      <FormField label="Then it is" {...(error === undefined ? {} : { errorText: error })} stretch>
        <Select
          options={SEVERITY_OPTIONS}
          selectedOption={{ value: level.severity, label: severityText(level.severity) }}
          onChange={({ detail }) =>
            put((levels) =>
              levels.map((each, other) =>
                other === place
                  ? { ...each, severity: detail.selectedOption.value as Severity }
                  : each,
              ),
            )
          }
        />
      </FormField>
      {range ? (
        <>
          <LimitField id={at("lower")} label="Lower" value={level.lower} />
          <LimitField id={at("upper")} label="Upper" value={level.upper} />
        </>
      ) : (
        <>
          <LimitField id={at("threshold")} label="Threshold" value={level.threshold} />
          <LimitField id={at("recovery")} label="Recovers at" value={level.recovery} optional />
        </>
      )}
      <Button
        variant="icon"
        iconName="remove"
        formAction="none"
        ariaLabel={`Remove the level ${severityText(level.severity)}`}
        onClick={() => put((levels) => levels.filter((_, other) => other !== place))}
      />
    </div>
  );
}

function Levels(props: { live: AlertDraft }) {
  const { draft, set } = useForm();
  const next = nextLevel(draft);
  return (
    <FormField
      label="Graver levels"
      description="Stricter thresholds of the same alert, each with its own severity."
      stretch
    >
      <SpaceBetween size="xs">
        {(props.live.levels ?? []).map((level, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: levels have no other identity
          <LevelRow key={place} level={level} place={place} />
        ))}
        <Button
          iconName="add-plus"
          formAction="none"
          disabled={next === null}
          disabledReason="Nothing is graver than critical."
          onClick={() =>
            next !== null &&
            set((before) => ({ ...before, levels: [...(before.levels ?? []), next] }))
          }
        >
          Add a level
        </Button>
      </SpaceBetween>
    </FormField>
  );
}

function Missing() {
  const { draft, set, wrong } = useForm();
  const error = wrong("missing_data");
  return (
    <FormField label="When data are missing" {...(error === undefined ? {} : { errorText: error })}>
      <RadioGroup
        value={draft.missing_data ?? "missing"}
        items={MISSING_DATA.map(({ value, label, words }) => ({
          value,
          label,
          description: words,
        }))}
        onChange={({ detail }) =>
          set((before) => ({ ...before, missing_data: detail.value as MissingData }))
        }
      />
    </FormField>
  );
}

/** When it fires: lines in step with the chart, how persistent it must be, and what silence means. */
export function ConditionSection() {
  const { draft, moving } = useForm();
  const live = useLive(draft, moving);
  return (
    <SpaceBetween size="m">
      <Limits live={live} />
      <Persistence />
      <Levels live={live} />
      <Missing />
    </SpaceBetween>
  );
}
