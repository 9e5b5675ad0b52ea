import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Transform, TransformType } from "../model";
import { useForm } from "./form";
import { NumberField } from "./number-field";

const NONE = { value: "", label: "The value itself" };
const TRANSFORMS = [
  NONE,
  { value: "change", label: "Its change", description: "against some time before" },
  { value: "change_percent", label: "Its change in percent", description: "against before" },
  { value: "change_rate", label: "Its change per second", description: "since before" },
  { value: "forecast", label: "Its forecast", description: "by a straight line" },
  {
    value: "deviation",
    label: "Its deviation from what is usual",
    description: "in robust standard deviations",
  },
];
const SEASONS = [
  { value: "day", label: "hour of the day" },
  { value: "week", label: "hour of the week" },
];

/** What a transform begins with when it is chosen: what its type needs, and nothing else. */
export function transformOf(type: string, period: number): Transform | null {
  switch (type) {
    case "":
      return null;
    case "forecast":
      return { type, lookback: 120 * period, horizon: 14_400 };
    case "deviation":
      return { type, season: "day", seasons: 7 };
    default:
      return { type: type as TransformType, offset: Math.max(period, 3_600) };
  }
}

function TransformFields() {
  const { draft, set, wrong } = useForm();
  const transform = draft.transform ?? null;
  const put = (next: Transform | null) => set((before) => ({ ...before, transform: next }));
  const error = wrong("transform") ?? wrong("transform.type");
  const seconds = (name: "offset" | "lookback" | "horizon", label: string, constraint: string) => (
    <NumberField
      label={label}
      constraint={constraint}
      value={transform?.[name]}
      whole
      error={wrong(`transform.${name}`)}
      onChange={(value) => transform !== null && put({ ...transform, [name]: value })}
    />
  );
  return (
    <ColumnLayout columns={3} minColumnWidth={170}>
      <FormField
        label="What is compared"
        {...(error === undefined ? {} : { errorText: error })}
        stretch
      >
        <Select
          options={TRANSFORMS}
          selectedOption={TRANSFORMS.find((each) => each.value === transform?.type) ?? NONE}
          onChange={({ detail }) =>
            put(transformOf(detail.selectedOption.value ?? "", draft.period ?? 60))
          }
        />
      </FormField>
      {transform?.type.startsWith("change") &&
        seconds("offset", "Against before", "Seconds: a multiple of the period. 604800 is a week.")}
      {transform?.type === "forecast" && seconds("lookback", "Looks back", "Seconds.")}
      {transform?.type === "forecast" && seconds("horizon", "Looks ahead", "Seconds.")}
      {transform?.type === "deviation" && (
        <>
          <FormField label="Usual for the" stretch>
            <Select
              options={SEASONS}
              selectedOption={SEASONS.find((each) => each.value === transform.season) ?? null}
              onChange={({ detail }) => {
                const season = detail.selectedOption.value as "day" | "week";
                put({ ...transform, season, seasons: season === "day" ? 7 : 4 });
              }}
            />
          </FormField>
          <NumberField
            label="Learnt from"
            constraint="Days, or weeks: at most 28 or 4."
            value={transform.seasons}
            whole
            error={wrong("transform.seasons")}
            onChange={(value) => put({ ...transform, seasons: value })}
          />
        </>
      )}
    </ColumnLayout>
  );
}

function Lateness() {
  const { draft, set, wrong } = useForm();
  return (
    <ColumnLayout columns={2} minColumnWidth={170}>
      <NumberField
        label="Grace"
        constraint="Seconds that a period waits for slow senders after its end."
        value={draft.grace ?? 30}
        whole
        error={wrong("grace")}
        onChange={(value) => set((before) => ({ ...before, grace: value ?? 30 }))}
      />
      <NumberField
        label="Lateness"
        constraint="Seconds: how late data may come and still count."
        value={draft.lateness ?? 300}
        whole
        error={wrong("lateness")}
        onChange={(value) => set((before) => ({ ...before, lateness: value ?? 300 }))}
      />
    </ColumnLayout>
  );
}

/** What few alerts need. It is open where something in it was refused, or is not as usual. */
export function AdvancedSection() {
  const { draft, set } = useForm();
  const metric = (draft.type ?? "metric") === "metric";
  const unusual = draft.transform != null || draft.hold === false;
  return (
    <ExpandableSection
      headerText="Advanced"
      headerDescription="What is compared, slow and late data."
      variant="container"
      defaultExpanded={unusual}
    >
      <SpaceBetween size="m">
        {metric && <TransformFields />}
        <Lateness />
        {metric && (
          <Checkbox
            checked={draft.hold ?? true}
            description="Off: points that fall out of the range may resolve it, as in CloudWatch."
            onChange={({ detail }) => set((before) => ({ ...before, hold: detail.checked }))}
          >
            Silence alone never resolves
          </Checkbox>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}
