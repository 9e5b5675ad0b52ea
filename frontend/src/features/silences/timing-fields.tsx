import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import "./timing-fields.css";
import { type Draft, DURATIONS, ruleInWords } from "./draft";

interface Props {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  errorOf: (field: string) => string | undefined;
}

/** From when to when: what is asked depends on the kind of silence. */
export function TimingFields(props: Props) {
  switch (props.draft.timing) {
    case "once":
      return <Once {...props} />;
    case "recurring":
      return <Recurring {...props} />;
    case "until_resolved":
      return <Until {...props} label="At the latest until" hint="Optional; 30 days otherwise." />;
  }
}

function Once(props: Props) {
  const { draft, onChange } = props;
  const fixed = "until";
  return (
    <SpaceBetween size="s">
      <FormField label="How long">
        <SegmentedControl
          label="How long"
          selectedId={draft.forSeconds === null ? fixed : String(draft.forSeconds)}
          options={[
            ...DURATIONS.map((each) => ({ id: String(each.seconds), text: each.label })),
            { id: fixed, text: "Until …" },
          ]}
          onChange={({ detail }) =>
            onChange({ forSeconds: detail.selectedId === fixed ? null : Number(detail.selectedId) })
          }
        />
      </FormField>
      <Grid
        gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }]}
      >
        <FormField
          label="From"
          constraintText="Now if it is left empty."
          errorText={props.errorOf("starts_at")}
        >
          <DateTime
            label="From"
            value={draft.startsAt}
            onChange={(startsAt) => onChange({ startsAt })}
          />
        </FormField>
        {draft.forSeconds === null ? <Until {...props} label="Until" hint="" /> : null}
      </Grid>
    </SpaceBetween>
  );
}

function Recurring(props: Props) {
  const { draft, onChange, errorOf } = props;
  return (
    <SpaceBetween size="s">
      <FormField
        label="Rule"
        description="As calendars write it (RFC 5545)."
        constraintText={ruleInWords(draft.rrule)}
        errorText={errorOf("rrule")}
        stretch
      >
        <Input
          value={draft.rrule}
          spellcheck={false}
          onChange={({ detail }) => onChange({ rrule: detail.value })}
        />
      </FormField>
      <Grid
        gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }]}
      >
        <FormField label="Hours each time" errorText={errorOf("duration")}>
          <Input
            value={draft.hours}
            inputMode="decimal"
            onChange={({ detail }) => onChange({ hours: detail.value })}
          />
        </FormField>
        <FormField label="Time zone" errorText={errorOf("time_zone")}>
          <Input
            value={draft.timeZone}
            onChange={({ detail }) => onChange({ timeZone: detail.value })}
          />
        </FormField>
      </Grid>
      <Until {...props} label="Until" hint="Optional; it goes on otherwise." />
    </SpaceBetween>
  );
}

function Until(props: Props & { label: string; hint: string }) {
  return (
    <FormField label={props.label} constraintText={props.hint} errorText={props.errorOf("ends_at")}>
      <DateTime
        label={props.label}
        value={props.draft.endsAt}
        onChange={(endsAt) => props.onChange({ endsAt })}
      />
    </FormField>
  );
}

/** The browser's own field for a date and a time: in the viewer's zone and habits. */
function DateTime(props: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <input
      className="date-time"
      type="datetime-local"
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}
