import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { OPERATORS, type Operator, textOf, withOperator, withText } from "~/ui/matchers/matcher";
import type { Filter } from "../model";
import { useTagKeys, useTagValues } from "./catalogue";
import { useForm } from "./form";

const EXISTS = [
  { value: "true", label: "yes" },
  { value: "false", label: "no" },
];

/** A filter is a matcher by another name: the same operators, the same values. */
function asMatcher(filter: Filter) {
  return { label: filter.tag, op: filter.op, value: filter.value };
}

function TagInput(props: { filter: Filter; index: number; onChange: (filter: Filter) => void }) {
  const { filter, index, onChange } = props;
  const tags = useTagKeys(useForm().draft.metric);
  return (
    <Autosuggest
      ariaLabel={`Tag of filter ${index + 1}`}
      placeholder="host"
      value={filter.tag}
      options={(tags.data ?? []).map((each) => ({ value: each.key }))}
      empty="This metric has no such tag"
      enteredTextLabel={(value) => `Use ${value}`}
      onChange={({ detail }) => onChange({ ...filter, tag: detail.value })}
    />
  );
}

function ValueInput(props: { filter: Filter; index: number; onChange: (filter: Filter) => void }) {
  const { filter, index, onChange } = props;
  const matcher = asMatcher(filter);
  const text = textOf(matcher);
  const values = useTagValues(useForm().draft.metric, filter.tag, filter.op === "in" ? "" : text);
  const label = `Value of filter ${index + 1}`;
  const put = (typed: string) => onChange({ ...filter, value: withText(matcher, typed).value });
  if (filter.op === "exists") {
    return (
      <Select
        ariaLabel={label}
        options={EXISTS}
        selectedOption={EXISTS.find((each) => each.value === text) ?? null}
        onChange={({ detail }) => put(detail.selectedOption.value ?? "true")}
      />
    );
  }
  if (filter.op === "in") {
    return (
      <Input
        ariaLabel={label}
        placeholder="a, b, c"
        value={text}
        onChange={({ detail }) => put(detail.value)}
      />
    );
  }
  return (
    <Autosuggest
      ariaLabel={label}
      value={text}
      options={(values.data ?? []).map((each) => ({ value: each.value }))}
      filteringType="manual"
      empty="No value begins so"
      enteredTextLabel={(value) => `Use ${value}`}
      onChange={({ detail }) => put(detail.value)}
    />
  );
}

/** Which series count: all that fit every filter. */
export function FilterRows() {
  const { draft, set, wrong } = useForm();
  const filters = draft.filters ?? [];
  const put = (next: readonly Filter[]) => set((before) => ({ ...before, filters: next }));
  const change = (index: number, filter: Filter) =>
    put(filters.map((each, at) => (at === index ? filter : each)));
  return (
    <FormField label="Only series where" stretch>
      <SpaceBetween size="xs">
        {filters.map((filter, index) => {
          const error = ["tag", "op", "value"]
            .map((part) => wrong(`filters.${index}.${part}`))
            .find((each) => each !== undefined);
          return (
            <FormField
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity while they are typed
              key={index}
              {...(error === undefined ? {} : { errorText: error })}
              stretch
            >
              <div className="alert-row">
                <TagInput filter={filter} index={index} onChange={(each) => change(index, each)} />
                <Select
                  ariaLabel={`Comparison of filter ${index + 1}`}
                  options={OPERATORS}
                  selectedOption={OPERATORS.find((each) => each.value === filter.op) ?? null}
                  onChange={({ detail }) => {
                    const op = detail.selectedOption.value as Operator;
                    const { value } = withOperator(asMatcher(filter), op);
                    change(index, { ...filter, op, value });
                  }}
                />
                <ValueInput
                  filter={filter}
                  index={index}
                  onChange={(each) => change(index, each)}
                />
                <Button
                  variant="icon"
                  iconName="remove"
                  formAction="none"
                  ariaLabel={`Remove filter ${index + 1}`}
                  onClick={() => put(filters.filter((_, at) => at !== index))}
                />
              </div>
            </FormField>
          );
        })}
        <Button
          iconName="add-plus"
          formAction="none"
          onClick={() => put([...filters, { tag: "", op: "=", value: "" }])}
        >
          Add a filter
        </Button>
      </SpaceBetween>
    </FormField>
  );
}
