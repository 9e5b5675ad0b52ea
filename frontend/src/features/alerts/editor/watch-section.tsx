import Autosuggest from "@cloudscape-design/components/autosuggest";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { formatDuration, plural, unitName } from "~/ui/format";
import { withSilence } from "../draft";
import type { AlertDraft } from "../model";
import { statisticNoun } from "../words";
import { useMetrics, useTagKeys } from "./catalogue";
import { FilterRows } from "./filter-rows";
import { useForm } from "./form";
import { NumberField } from "./number-field";

const STATISTICS: readonly SelectProps.Option[] = [
  ...["avg", "sum", "min", "max", "count", "last", "stddev", "rate", "increase"],
  ...["p50", "p90", "p95", "p99", "p99.9"],
].map((value) => ({ value, label: statisticNoun(value, false), description: value }));

const PERIODS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 21_600, 86_400];

/** The options with what the draft has besides them: nothing is lost by opening a form. */
function withPresent(
  options: readonly SelectProps.Option[],
  value: string,
  label: string,
): readonly SelectProps.Option[] {
  return options.some((each) => each.value === value) ? options : [{ value, label }, ...options];
}

function MetricField() {
  const { draft, set, wrong, unit } = useForm();
  const text = draft.metric ?? "";
  const metrics = useMetrics(text);
  const names = (metrics.data ?? []).map((each) => ({
    value: each.name,
    ...(each.unit === null ? {} : { description: unitName(each.unit) }),
    labelTag: plural(each.series, "series", "series"),
  }));
  const error = wrong("metric");
  return (
    <FormField
      label="Metric"
      {...(unit === null ? {} : { constraintText: `In ${unitName(unit)}.` })}
      {...(error === undefined ? {} : { errorText: error })}
      stretch
    >
      <Autosuggest
        value={text}
        options={names}
        filteringType="manual"
        statusType={metrics.isFetching ? "loading" : metrics.isError ? "error" : "finished"}
        loadingText="Looking for metrics"
        errorText="The metrics could not be read"
        empty="No metric begins so"
        placeholder="system.cpu"
        enteredTextLabel={(value) => `Use ${value}`}
        ariaLabel="Metric"
        onChange={({ detail }) =>
          set((before) => ({ ...before, metric: detail.value === "" ? null : detail.value }))
        }
        onSelect={({ detail }) => set((before) => withMetric(before, detail.value))}
      />
    </FormField>
  );
}

/** Another metric's thresholds, filters and groups mean nothing to this one. */
function withMetric(before: AlertDraft, metric: string): AlertDraft {
  return before.metric === metric ? before : { ...before, metric };
}

function GroupField() {
  const { draft, set, wrong } = useForm();
  const tags = useTagKeys(draft.metric);
  const chosen = draft.group_by ?? [];
  const known = (tags.data ?? []).map((each) => ({
    value: each.key,
    label: each.key,
    description: plural(each.values, "value"),
  }));
  const others = chosen
    .filter((tag) => !known.some((each) => each.value === tag))
    .map((value) => ({ value, label: value }));
  const options = [...known, ...others];
  const error = wrong("group_by");
  return (
    <FormField
      label="One instance for each"
      description="Every value of these tags is watched by itself."
      {...(error === undefined ? {} : { errorText: error })}
      stretch
    >
      <Multiselect
        selectedOptions={options.filter((each) => chosen.includes(each.value))}
        options={options}
        placeholder="All series together"
        empty="This metric has no tags"
        statusType={tags.isFetching ? "loading" : "finished"}
        loadingText="Looking for tags"
        deselectAriaLabel={(option) => `Remove ${option.label}`}
        onChange={({ detail }) =>
          set((before) => ({
            ...before,
            group_by: detail.selectedOptions.map((each) => each.value ?? ""),
          }))
        }
      />
    </FormField>
  );
}

function StatisticField() {
  const { draft, set, wrong } = useForm();
  const value = draft.statistic ?? "avg";
  const options = withPresent(STATISTICS, value, statisticNoun(value, false));
  const error = wrong("statistic");
  return (
    <FormField label="Statistic" {...(error === undefined ? {} : { errorText: error })} stretch>
      <Select
        options={options}
        selectedOption={options.find((each) => each.value === value) ?? null}
        onChange={({ detail }) =>
          set((before) => ({ ...before, statistic: detail.selectedOption.value ?? "avg" }))
        }
      />
    </FormField>
  );
}

function PeriodField() {
  const { draft, set, wrong } = useForm();
  const value = draft.period ?? 60;
  const standard = PERIODS.map((each) => ({
    value: String(each),
    label: `every ${formatDuration(each)}`,
  }));
  const options = withPresent(standard, String(value), `every ${formatDuration(value)}`);
  const error = wrong("period");
  return (
    <FormField label="Period" {...(error === undefined ? {} : { errorText: error })} stretch>
      <Select
        options={options}
        selectedOption={options.find((each) => each.value === String(value)) ?? null}
        onChange={({ detail }) =>
          set((before) => ({ ...before, period: Number(detail.selectedOption.value) }))
        }
      />
    </FormField>
  );
}

/** What is watched: the metric, how its points become values, and which of its series count. */
export function WatchSection() {
  const { draft, set, wrong } = useForm();
  const beat = draft.type === "heartbeat";
  return (
    <SpaceBetween size="m">
      {beat ? (
        <ColumnLayout columns={2}>
          <MetricField />
          <NumberField
            label="Fires after silence of"
            constraint="Seconds: 5 to 86,400. 300 is five minutes."
            value={draft.no_data_for}
            whole
            error={wrong("no_data_for")}
            onChange={(value) => set((before) => withSilence(before, value))}
          />
        </ColumnLayout>
      ) : (
        <ColumnLayout columns={3} minColumnWidth={190}>
          <MetricField />
          <StatisticField />
          <PeriodField />
        </ColumnLayout>
      )}
      <ColumnLayout columns={2} minColumnWidth={300}>
        <GroupField />
        <FilterRows />
      </ColumnLayout>
    </SpaceBetween>
  );
}
