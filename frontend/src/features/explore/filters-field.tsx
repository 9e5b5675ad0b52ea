import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useState } from "react";
import type { Filter, Operator } from "~/api/query";
import { useTags, useTagValues } from "~/api/query-catalogue";
import { plural } from "~/ui/format";
import { filterText, OPERATORS } from "./rows";

const SAID: Readonly<Record<Operator, string>> = {
  "=": "is",
  "!=": "is not",
  in: "is one of",
  exists: "exists",
  prefix: "begins with",
};

/** The conditions on a metric's tags as tokens, and a form to add one. Values are text, whatever they look like. */
export function FiltersField(props: {
  label: string;
  metric: string;
  filters: readonly Filter[];
  error: string | undefined;
  onChange: (filters: readonly Filter[]) => void;
}) {
  const { metric, filters, onChange } = props;
  const [adding, setAdding] = useState(false);
  return (
    <div className="query-filters">
      {filters.length > 0 && (
        <TokenGroup
          items={filters.map((filter) => ({
            label: filterText(filter),
            dismissLabel: `Remove the filter ${filterText(filter)} from ${props.label}`,
          }))}
          onDismiss={({ detail }) => onChange(filters.filter((_, i) => i !== detail.itemIndex))}
        />
      )}
      {props.error !== undefined && (
        <p className="query-wrong" role="alert">
          {props.error}
        </p>
      )}
      {adding ? (
        <NewFilter
          label={props.label}
          metric={metric}
          onAdd={(filter) => {
            setAdding(false);
            onChange([...filters, filter]);
          }}
          onCancel={() => setAdding(false)}
        />
      ) : (
        <Button
          variant="inline-link"
          iconName="add-plus"
          disabled={metric === ""}
          ariaLabel={`Add a filter to ${props.label}`}
          onClick={() => setAdding(true)}
        >
          Filter
        </Button>
      )}
    </div>
  );
}

function NewFilter(props: {
  label: string;
  metric: string;
  onAdd: (filter: Filter) => void;
  onCancel: () => void;
}) {
  const { metric, label } = props;
  const [tag, setTag] = useState("");
  const [op, setOp] = useState<Operator>("=");
  const [text, setText] = useState("");
  const [several, setSeveral] = useState<readonly string[]>([]);
  const [exists, setExists] = useState(true);
  const tags = useTags(metric);
  const value = op === "exists" ? exists : op === "in" ? several : text;
  const isReady =
    tag !== "" && (op === "exists" || (op === "in" ? several.length > 0 : text !== ""));
  return (
    <form
      className="query-new-filter"
      aria-label={`New filter of ${label}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) {
          props.onAdd({ tag, op, value });
        }
      }}
    >
      <Select
        ariaLabel={`Tag to filter ${label} by`}
        placeholder="Tag"
        autoFocus
        filteringType={(tags.data?.tags.length ?? 0) > 8 ? "auto" : "none"}
        selectedOption={tag === "" ? null : { value: tag, label: tag }}
        options={(tags.data?.tags ?? []).map((each) => ({
          value: each.key,
          label: each.key,
          description: plural(each.values, "value"),
        }))}
        statusType={tags.isPending ? "loading" : tags.isError ? "error" : "finished"}
        loadingText="Loading tags"
        errorText="Tags could not be read."
        recoveryText="Try again"
        empty="This metric has no tags"
        onLoadItems={() => tags.isError && void tags.refetch()}
        onChange={({ detail }) => {
          setTag(detail.selectedOption.value ?? "");
          setText("");
          setSeveral([]);
        }}
      />
      <Select
        ariaLabel="Comparison"
        selectedOption={{ value: op, label: SAID[op] }}
        options={OPERATORS.map((each) => ({ value: each, label: SAID[each] }))}
        onChange={({ detail }) => setOp(detail.selectedOption.value as Operator)}
      />
      {op === "exists" ? (
        <Select
          ariaLabel="Whether it exists"
          selectedOption={exists ? YES : NO}
          options={[YES, NO]}
          onChange={({ detail }) => setExists(detail.selectedOption.value === YES.value)}
        />
      ) : (
        <Values
          metric={metric}
          tag={tag}
          op={op}
          text={text}
          several={several}
          onText={setText}
          onSeveral={setSeveral}
        />
      )}
      <Button formAction="submit" disabled={!isReady}>
        Add
      </Button>
      <Button formAction="none" variant="link" onClick={props.onCancel}>
        Cancel
      </Button>
    </form>
  );
}

const YES = { value: "yes", label: "yes" };
const NO = { value: "no", label: "no" };

function Values(props: {
  metric: string;
  tag: string;
  op: Operator;
  text: string;
  several: readonly string[];
  onText: (text: string) => void;
  onSeveral: (values: readonly string[]) => void;
}) {
  const { metric, tag, op, text, several } = props;
  const [prefix, setPrefix] = useState("");
  const values = useTagValues(metric, tag, prefix);
  // Answers come after what is typed: until then only those that match of what is known are offered.
  const begun = op === "in" ? prefix : text;
  const options = (values.data?.values ?? [])
    .filter((each) => each.value.startsWith(begun))
    .map((each) => ({
      value: each.value,
      label: each.value,
      description: plural(each.series, "series", "series"),
    }));
  const shared = {
    disabled: tag === "",
    empty: "No such value",
    statusType: values.isFetching ? "loading" : values.isError ? "error" : "finished",
    loadingText: "Loading values",
    errorText: "Values could not be read.",
    recoveryText: "Try again",
    filteringType: "manual",
    virtualScroll: true,
    onLoadItems: ({ detail }: { detail: { filteringText: string; samePage: boolean } }) => {
      setPrefix(detail.filteringText);
      if (detail.samePage && values.isError) {
        void values.refetch();
      }
    },
  } as const;
  return op === "in" ? (
    <Multiselect
      {...shared}
      ariaLabel={`Values of ${tag}`}
      placeholder="Values"
      hideTokens
      selectedOptions={several.map((value) => ({ value, label: value }))}
      options={options}
      onChange={({ detail }) =>
        props.onSeveral(detail.selectedOptions.flatMap((each) => each.value ?? []))
      }
    />
  ) : (
    <Autosuggest
      {...shared}
      ariaLabel={`Value of ${tag}`}
      placeholder="Value"
      value={text}
      options={options}
      hideEnteredTextOption
      enteredTextLabel={(entered) => `Use "${entered}"`}
      onChange={({ detail }) => props.onText(detail.value)}
    />
  );
}
