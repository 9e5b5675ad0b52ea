import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useTagValues } from "~/api/query-catalogue";
import type { Panel, Variable } from "./model";
import { type Choices, metricFor } from "./substitution";

interface VariablesBarProps {
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
  readonly choices: Choices;
  readonly onChoose: (name: string, values: readonly string[]) => void;
}

/** What is chosen for each of the dashboard's variables; nothing chosen means all values. */
export function VariablesBar(props: VariablesBarProps) {
  return props.variables.map((each) => (
    <div key={each.name} className="variable">
      <VariableSelect
        variable={each}
        metric={metricFor(each, props.panels)}
        chosen={props.choices[each.name] ?? []}
        onChoose={(values) => props.onChoose(each.name, values)}
      />
    </div>
  ));
}

function VariableSelect(props: {
  variable: Variable;
  metric: string | null;
  chosen: readonly string[];
  onChoose: (values: readonly string[]) => void;
}) {
  const { variable, metric, chosen, onChoose } = props;
  const query = useTagValues(metric ?? "", variable.tag);
  const known = query.data?.values.map((each) => each.value) ?? [];
  // What is chosen can be taken back even if nothing sends it any more.
  const values = [...new Set([...chosen, ...known])];
  const option = (value: string) => ({ value, label: value === "" ? "(empty)" : value });
  return (
    <FormField label={variable.name}>
      <Multiselect
        selectedOptions={chosen.map(option)}
        options={values.map(option)}
        placeholder={chosen.length === 0 ? "All" : `${chosen.length} chosen`}
        hideTokens={chosen.length > 3}
        tokenLimit={3}
        filteringType="auto"
        filteringAriaLabel={`Search values of ${variable.tag}`}
        deselectAriaLabel={(each) => `Remove ${each.label}`}
        expandToViewport
        statusType={
          query.isPending && metric !== null ? "loading" : query.error ? "error" : "finished"
        }
        loadingText="Loading values"
        errorText={query.error?.message ?? ""}
        recoveryText="Try again"
        onLoadItems={() => query.error && void query.refetch()}
        empty={
          metric === null
            ? "No panel has a metric to take values from."
            : `No series of ${metric} has the tag ${variable.tag}.`
        }
        onChange={({ detail }) => onChoose(detail.selectedOptions.map((each) => each.value ?? ""))}
      />
    </FormField>
  );
}
