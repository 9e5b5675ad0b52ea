import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import Toggle from "@cloudscape-design/components/toggle";
import { useCatalogue, useTags } from "~/api/query-catalogue";
import { FilterFields } from "./filter-fields";
import { LIMITS, type PanelQuery, type Variable } from "./model";

const STATISTICS = [
  ...["avg", "min", "max", "sum", "count", "last", "rate", "increase", "stddev"],
  ...["p50", "p75", "p90", "p95", "p99", "p99.9"],
];
const PERIODS: readonly { readonly label: string; readonly value: string }[] = [
  { value: "", label: "As fits the width" },
  { value: "10", label: "10 s" },
  { value: "60", label: "1 min" },
  { value: "300", label: "5 min" },
  { value: "900", label: "15 min" },
  { value: "3600", label: "1 h" },
  { value: "86400", label: "1 day" },
];

/** More of them nobody reads: typing finds the others. */
const MOST_OFFERED = 50;

/** A metric's name, with those that there are to choose from. */
export function MetricField(props: {
  value: string;
  placeholder?: string;
  onChange: (metric: string) => void;
}) {
  const { value } = props;
  const names = useCatalogue(value);
  return (
    <Autosuggest
      value={value}
      placeholder={props.placeholder ?? "Search metrics"}
      options={names.rows.slice(0, MOST_OFFERED).map((each) => ({
        value: each.name,
        description: each.unit ?? "",
      }))}
      filteringType="manual"
      enteredTextLabel={(text) => `Use "${text}"`}
      statusType={names.isLoading ? "loading" : names.error ? "error" : "finished"}
      loadingText="Loading metrics"
      errorText={names.error?.message ?? ""}
      recoveryText="Try again"
      onLoadItems={() => names.error && names.retry()}
      empty={names.isEmpty ? "No metric was sent yet." : "No metric is called so."}
      expandToViewport
      onChange={({ detail }) => props.onChange(detail.value)}
    />
  );
}

interface QueryFieldsProps {
  readonly query: PanelQuery;
  readonly variables: readonly Variable[];
  /** The reason why a field of it is refused; the field's path begins within the query. */
  readonly wrong: (field: string) => string | undefined;
  readonly onChange: (query: PanelQuery) => void;
  /** Without it the query is the only one, and stays. */
  readonly onRemove?: () => void;
}

/** One query of a panel: a metric with its filters and groups, or an expression over other queries. */
export function QueryFields(props: QueryFieldsProps) {
  const { query, wrong, onChange, onRemove } = props;
  return (
    <section className="panel-query" aria-label={`Query ${query.id}`}>
      {query.expression === undefined ? (
        <MetricQueryFields {...props} />
      ) : (
        <FormField
          label={`Expression ${query.id}`}
          description="Computes with the other queries: a / b * 100"
          errorText={wrong("expression")}
          stretch
        >
          <Input
            value={query.expression}
            spellcheck={false}
            onChange={({ detail }) => onChange({ ...query, expression: detail.value })}
          />
        </FormField>
      )}
      <div className="panel-row">
        <Toggle
          checked={!query.hidden}
          onChange={({ detail }) => {
            const { hidden: _hidden, ...rest } = query;
            onChange(detail.checked ? rest : { ...rest, hidden: true });
          }}
        >
          Shown
        </Toggle>
        {onRemove && (
          <Button formAction="none" onClick={onRemove} ariaLabel={`Remove query ${query.id}`}>
            Remove
          </Button>
        )}
      </div>
    </section>
  );
}

function MetricQueryFields(props: QueryFieldsProps) {
  const { query, wrong, onChange } = props;
  const keys = useTags(query.metric ?? "");
  const tags = (keys.data?.tags ?? []).map((each) => each.key);
  const groups = query.group_by ?? [];
  const period = String(query.period ?? "");
  const option = (value: string) => ({ value, label: value });
  return (
    <>
      <div className="panel-fields">
        <FormField label={`Metric ${query.id}`} errorText={wrong("metric")}>
          <MetricField
            value={query.metric ?? ""}
            onChange={(metric) => onChange({ ...query, metric })}
          />
        </FormField>
        <FormField label="Statistic" errorText={wrong("statistic")}>
          <Select
            selectedOption={option(query.statistic ?? "avg")}
            options={STATISTICS.map(option)}
            expandToViewport
            onChange={({ detail }) =>
              onChange({ ...query, statistic: detail.selectedOption.value ?? "avg" })
            }
          />
        </FormField>
        <FormField label="One line for each" errorText={wrong("group_by")}>
          <Multiselect
            selectedOptions={groups.map(option)}
            options={[...new Set([...groups, ...tags])].map(option)}
            placeholder={groups.length === 0 ? "All together" : ""}
            deselectAriaLabel={(each) => `Remove ${each.label}`}
            expandToViewport
            statusType={keys.isLoading ? "loading" : "finished"}
            loadingText="Loading tags"
            empty="Its series have no tags."
            onChange={({ detail }) => {
              const { group_by: _groups, ...rest } = query;
              const chosen = detail.selectedOptions.map((each) => each.value ?? "");
              onChange(chosen.length === 0 ? rest : { ...rest, group_by: chosen });
            }}
          />
        </FormField>
        <FormField label="Buckets of" errorText={wrong("period")}>
          <Select
            selectedOption={
              PERIODS.find((each) => each.value === period) ?? {
                value: period,
                label: `${period} s`,
              }
            }
            options={[...PERIODS]}
            expandToViewport
            onChange={({ detail }) => {
              const { period: _period, ...rest } = query;
              const chosen = Number(detail.selectedOption.value);
              onChange(chosen > 0 ? { ...rest, period: chosen } : rest);
            }}
          />
        </FormField>
      </div>
      {(query.filters ?? []).map((each, index) => (
        <FilterFields
          // biome-ignore lint/suspicious/noArrayIndexKey: two filters may be the same
          key={index}
          filter={each}
          metric={query.metric}
          tags={tags}
          variables={props.variables}
          wrong={wrong(`filters.${index}.value`) ?? wrong(`filters.${index}.tag`)}
          onChange={(filter) =>
            onChange({
              ...query,
              filters: (query.filters ?? []).map((other, place) =>
                place === index ? filter : other,
              ),
            })
          }
          onRemove={() =>
            onChange({
              ...query,
              filters: (query.filters ?? []).filter((_, place) => place !== index),
            })
          }
        />
      ))}
      <div>
        <Button
          iconName="add-plus"
          formAction="none"
          disabled={(query.filters ?? []).length >= LIMITS.filters}
          onClick={() =>
            onChange({
              ...query,
              filters: [...(query.filters ?? []), { tag: tags[0] ?? "", op: "=", value: "" }],
            })
          }
        >
          Add a filter
        </Button>
      </div>
    </>
  );
}
