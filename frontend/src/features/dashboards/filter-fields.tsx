import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useTagValues } from "~/api/query-catalogue";
import { filterText, parsedFilter, withOperator } from "./filter-text";
import { OPERATORS } from "./importing-queries";
import type { Operator, PanelFilter, Variable } from "./model";

const OPERATOR_TEXT: Readonly<Record<Operator, string>> = {
  "=": "is",
  "!=": "is not",
  in: "is one of",
  exists: "is there",
  prefix: "begins with",
};

/** A condition on one tag: of a value, several with commas between them, or a variable. */
export function FilterFields(props: {
  filter: PanelFilter;
  metric: string | undefined;
  tags: readonly string[];
  variables: readonly Variable[];
  wrong: string | undefined;
  onChange: (filter: PanelFilter) => void;
  onRemove: () => void;
}) {
  const { filter, onChange } = props;
  const values = useTagValues(props.metric ?? "", filter.tag);
  const known = (values.data?.values ?? []).map((each) => each.value).filter(Boolean);
  const own = props.variables.filter((each) => each.name !== "").map((each) => `$${each.name}`);
  const mayVary = ["=", "!=", "in"].includes(filter.op);
  return (
    <FormField errorText={props.wrong} stretch>
      <div className="panel-row">
        <div className="grow">
          <Autosuggest
            value={filter.tag}
            ariaLabel="Tag of the filter"
            placeholder="Tag"
            options={props.tags.map((value) => ({ value }))}
            enteredTextLabel={(text) => `Use "${text}"`}
            expandToViewport
            onChange={({ detail }) => onChange({ ...filter, tag: detail.value })}
          />
        </div>
        <Select
          ariaLabel="Condition of the filter"
          selectedOption={{ value: filter.op, label: OPERATOR_TEXT[filter.op] }}
          options={OPERATORS.map((value) => ({ value, label: OPERATOR_TEXT[value] }))}
          expandToViewport
          onChange={({ detail }) =>
            onChange(withOperator(filter, detail.selectedOption.value as Operator))
          }
        />
        {filter.op === "exists" ? (
          <Select
            ariaLabel="Whether the tag is there"
            selectedOption={
              filter.value === false ? { value: "no", label: "no" } : { value: "yes", label: "yes" }
            }
            options={[
              { value: "yes", label: "yes" },
              { value: "no", label: "no" },
            ]}
            onChange={({ detail }) =>
              onChange({ ...filter, value: detail.selectedOption.value === "yes" })
            }
          />
        ) : (
          <div className="grow">
            <Autosuggest
              value={filterText(filter)}
              ariaLabel="Value of the filter"
              placeholder={filter.op === "in" ? "a, b, c" : "Value"}
              options={[...(mayVary ? own : []), ...known].map((value) => ({ value }))}
              filteringType={filter.op === "in" ? "none" : "auto"}
              enteredTextLabel={(text) => `Use "${text}"`}
              expandToViewport
              onChange={({ detail }) => onChange(parsedFilter(filter, detail.value))}
            />
          </div>
        )}
        <Button
          iconName="close"
          variant="icon"
          formAction="none"
          ariaLabel={`Remove the filter of ${filter.tag || "no tag"}`}
          onClick={props.onRemove}
        />
      </div>
    </FormField>
  );
}
