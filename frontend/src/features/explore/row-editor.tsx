import type { AutosuggestProps } from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import { type RefObject, useState } from "react";
import type { Fill } from "~/api/query";
import { useTags } from "~/api/query-catalogue";
import { formatDuration, plural } from "~/ui/format";
import type { RowError } from "./asked";
import { FiltersField } from "./filters-field";
import { MetricField } from "./metric-field";
import { FILLS, type Row, STATISTICS } from "./rows";

export type RowAction = "duplicate" | "remove" | "alert";

const PERIODS = [10, 60, 300, 900, 3_600, 21_600, 86_400];
const AUTO = { value: "auto", label: "Auto period" };

/** One query: what it asks for, and what can be done with it. */
export function RowEditor(props: {
  row: Row;
  error: RowError | undefined;
  /** Why no alert can be made of it; null when one can. */
  alertRefusal: string | null;
  canDuplicate: boolean;
  onChange: (row: Row) => void;
  onAction: (action: RowAction) => void;
  field?: RefObject<AutosuggestProps.Ref | null>;
}) {
  const { row, error, onChange, alertRefusal } = props;
  const name = `query ${row.id}`;
  const reasonAt = (field: string) => (error?.field === field ? error.reason : undefined);
  const isElsewhere =
    error !== undefined &&
    !["metric", "expression", "filters", "period", "statistic"].includes(error.field);
  return (
    <fieldset className={row.hidden ? "query query-hidden" : "query"}>
      <legend className="query-legend">Query {row.id}</legend>
      <span className="query-id" aria-hidden="true">
        {row.id}
      </span>
      {row.kind === "metric" ? (
        <MetricPart row={row} reasonAt={reasonAt} onChange={onChange} field={props.field} />
      ) : (
        <ExpressionField
          key={row.expression}
          label={`Expression of ${name}`}
          value={row.expression}
          error={reasonAt("expression")}
          onChange={(expression) => onChange({ ...row, expression })}
        />
      )}
      <div className="query-actions">
        <Button
          variant="icon"
          iconSvg={<Eye crossed={row.hidden} />}
          ariaLabel={row.hidden ? `Show ${name}` : `Hide ${name}`}
          onClick={() => onChange({ ...row, hidden: !row.hidden })}
        />
        <ButtonDropdown
          variant="icon"
          ariaLabel={`More about ${name}`}
          expandToViewport
          items={[
            {
              id: "alert",
              text: "Create an alert from this",
              disabled: alertRefusal !== null,
              ...(alertRefusal === null ? {} : { disabledReason: alertRefusal }),
            },
            { id: "duplicate", text: "Duplicate", disabled: !props.canDuplicate },
            ...FILLS.map((fill) => ({
              id: `fill ${fill.value}`,
              itemType: "checkbox" as const,
              text: fill.label,
              checked: row.fill === fill.value,
            })),
            { id: "remove", text: "Remove" },
          ]}
          onItemClick={({ detail }) => {
            if (detail.id.startsWith("fill ")) {
              onChange({ ...row, fill: detail.id.slice(5) as Fill });
            } else {
              props.onAction(detail.id as RowAction);
            }
          }}
        />
      </div>
      {isElsewhere && (
        <p className="query-wrong" role="alert">
          {error.field === "" ? "" : `${error.field}: `}
          {error.reason}
        </p>
      )}
    </fieldset>
  );
}

function MetricPart(props: {
  row: Row;
  reasonAt: (field: string) => string | undefined;
  onChange: (row: Row) => void;
  field: RefObject<AutosuggestProps.Ref | null> | undefined;
}) {
  const { row, reasonAt, onChange } = props;
  const name = `query ${row.id}`;
  const tags = useTags(row.metric);
  const period = row.period === null ? AUTO : periodOption(row.period);
  const wrongPeriod = reasonAt("period");
  const wrongStatistic = reasonAt("statistic");
  return (
    <div className="query-fields">
      <div className="query-metric">
        <MetricField
          label={`Metric of ${name}`}
          value={row.metric}
          error={reasonAt("metric")}
          onChange={(metric) => onChange({ ...row, metric })}
          {...(props.field === undefined ? {} : { field: props.field })}
        />
      </div>
      <FormField {...(wrongStatistic === undefined ? {} : { errorText: wrongStatistic })}>
        <Select
          ariaLabel={`Statistic of ${name}`}
          selectedOption={{ value: row.statistic }}
          options={STATISTICS.map((value) => ({ value }))}
          onChange={({ detail }) =>
            onChange({ ...row, statistic: detail.selectedOption.value ?? "avg" })
          }
        />
      </FormField>
      <Multiselect
        // The label replaces what is visible, so it has to say that, too.
        ariaLabel={`Tags to group ${name} by${row.groupBy.length > 0 ? `: ${row.groupBy.join(" ")} (${row.groupBy.length})` : ""}`}
        placeholder="Group by"
        inlineTokens
        disabled={row.metric === ""}
        selectedOptions={row.groupBy.map((value) => ({ value, label: value }))}
        options={(tags.data?.tags ?? []).map((each) => ({
          value: each.key,
          label: each.key,
          description: plural(each.values, "value"),
        }))}
        statusType={tags.isLoading ? "loading" : tags.isError ? "error" : "finished"}
        loadingText="Loading tags"
        errorText="Tags could not be read."
        recoveryText="Try again"
        empty="This metric has no tags"
        onLoadItems={() => tags.isError && void tags.refetch()}
        onChange={({ detail }) =>
          onChange({ ...row, groupBy: detail.selectedOptions.flatMap((each) => each.value ?? []) })
        }
      />
      <FormField {...(wrongPeriod === undefined ? {} : { errorText: wrongPeriod })}>
        <Select
          ariaLabel={`Period of ${name}`}
          selectedOption={period}
          options={[
            AUTO,
            ...[...new Set([...PERIODS, ...(row.period === null ? [] : [row.period])])]
              .sort((a, b) => a - b)
              .map(periodOption),
          ]}
          onChange={({ detail }) => {
            const chosen = detail.selectedOption.value;
            onChange({ ...row, period: chosen === AUTO.value ? null : Number(chosen) });
          }}
        />
      </FormField>
      <FiltersField
        label={name}
        metric={row.metric}
        filters={row.filters}
        error={reasonAt("filters")}
        onChange={(filters) => onChange({ ...row, filters })}
      />
    </div>
  );
}

function periodOption(seconds: number) {
  return { value: String(seconds), label: `Every ${formatDuration(seconds)}` };
}

/** Arithmetic over other queries; told when the field is left, or by Enter. */
function ExpressionField(props: {
  label: string;
  value: string;
  error: string | undefined;
  onChange: (expression: string) => void;
}) {
  const [text, setText] = useState(props.value);
  const commit = () => text.trim() !== props.value && props.onChange(text.trim());
  return (
    <div className="query-fields query-expression">
      <FormField stretch {...(props.error === undefined ? {} : { errorText: props.error })}>
        <Input
          ariaLabel={props.label}
          placeholder="a * 100 / b"
          value={text}
          spellcheck={false}
          onChange={({ detail }) => setText(detail.value)}
          onBlur={commit}
          onKeyDown={({ detail }) => detail.key === "Enter" && commit()}
        />
      </FormField>
    </div>
  );
}

/** The design system has no eye. */
function Eye(props: { crossed: boolean }) {
  return (
    <svg viewBox="0 0 16 16" focusable="false" aria-hidden="true">
      <path d="M1 8c3-6 11-6 14 0-3 6-11 6-14 0Z" fill="none" />
      <circle cx="8" cy="8" r="2" fill="none" />
      {props.crossed && <path d="M2 14 14 2" />}
    </svg>
  );
}
