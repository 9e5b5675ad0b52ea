import Autosuggest, { type AutosuggestProps } from "@cloudscape-design/components/autosuggest";
import FormField from "@cloudscape-design/components/form-field";
import { type RefObject, useState } from "react";
import { useCatalogue } from "~/api/query-catalogue";
import { plural, unitName } from "~/ui/format";

/** Metric names (docs, section Metrics): anything else is not worth a question. */
const NAME = /^[A-Za-z_:][A-Za-z0-9_.:/-]{0,254}$/;

/** A metric's name, with the catalogue's offered as it is typed. */
export function MetricField(props: {
  label: string;
  value: string;
  error: string | undefined;
  onChange: (name: string) => void;
  field?: RefObject<AutosuggestProps.Ref | null>;
}) {
  const { value, onChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const [filter, setFilter] = useState("");
  const { rows, isLoading, error, retry } = useCatalogue(filter);
  const text = typed ?? value;
  const isName = text === "" || NAME.test(text);
  const commit = (name: string) => {
    if (name !== "" && !NAME.test(name)) {
      return; // It stays in its field with the reason beside it.
    }
    setTyped(null);
    if (name !== value) {
      onChange(name);
    }
  };
  const wrong = isName ? props.error : "No metric can have this name.";
  return (
    <FormField stretch {...(wrong === undefined ? {} : { errorText: wrong })}>
      <Autosuggest
        {...(props.field === undefined ? {} : { ref: props.field })}
        ariaLabel={props.label}
        placeholder="Metric"
        value={text}
        filteringType="manual"
        options={rows.map((row) => ({
          value: row.name,
          description: [unitName(row.unit), plural(row.series, "series", "series")]
            .filter((part) => part !== "")
            .join(", "),
        }))}
        statusType={error !== null ? "error" : isLoading ? "loading" : "finished"}
        loadingText="Loading metrics"
        errorText="Metrics could not be read."
        recoveryText="Try again"
        empty="No metric has this in its name"
        // What the catalogue has comes first; a name that it has not is taken when the field is left.
        hideEnteredTextOption
        enteredTextLabel={(entered) => `Use "${entered}"`}
        virtualScroll
        onLoadItems={({ detail }) => {
          setFilter(detail.filteringText);
          if (detail.samePage && error !== null) {
            retry();
          }
        }}
        onChange={({ detail }) => setTyped(detail.value)}
        onSelect={({ detail }) => commit(detail.value)}
        onBlur={() => typed !== null && commit(typed)}
        onKeyDown={({ detail }) => detail.key === "Enter" && commit(text)}
      />
    </FormField>
  );
}
