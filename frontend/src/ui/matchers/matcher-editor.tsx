import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import "./matcher-editor.css";
import { type Matcher, OPERATORS, type Operator, textOf, withOperator, withText } from "./matcher";

const EXISTS = [
  { value: "true", label: "yes" },
  { value: "false", label: "no" },
];

/** Conditions on labels, all of which must hold. `errorOf` gives the reason why a field was refused. */
export function MatcherEditor(props: {
  matchers: readonly Matcher[];
  onChange: (matchers: readonly Matcher[]) => void;
  errorOf?: (field: string) => string | undefined;
}) {
  const { matchers, onChange } = props;
  const change = (index: number, matcher: Matcher) =>
    onChange(matchers.map((each, at) => (at === index ? matcher : each)));
  return (
    <SpaceBetween size="xs">
      {matchers.map((matcher, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity while they are typed
        <fieldset className="matcher" key={index}>
          <legend className="hidden">Condition {index + 1}</legend>
          <FormField errorText={props.errorOf?.(`matchers.${index}.label`)}>
            <Input
              ariaLabel={`Label of condition ${index + 1}`}
              placeholder="host, severity, alertname"
              value={matcher.label}
              onChange={({ detail }) => change(index, { ...matcher, label: detail.value })}
            />
          </FormField>
          <Select
            ariaLabel={`Comparison of condition ${index + 1}`}
            selectedOption={OPERATORS.find((each) => each.value === matcher.op) ?? null}
            options={OPERATORS}
            onChange={({ detail }) =>
              change(index, withOperator(matcher, detail.selectedOption.value as Operator))
            }
          />
          <FormField errorText={props.errorOf?.(`matchers.${index}.value`)}>
            {matcher.op === "exists" ? (
              <Select
                ariaLabel={`Whether the label of condition ${index + 1} exists`}
                selectedOption={EXISTS.find((each) => each.value === textOf(matcher)) ?? null}
                options={EXISTS}
                onChange={({ detail }) =>
                  change(index, withText(matcher, detail.selectedOption.value ?? "true"))
                }
              />
            ) : (
              <ValueInput index={index} matcher={matcher} onChange={change} />
            )}
          </FormField>
          <Button
            variant="icon"
            iconName="remove"
            ariaLabel={`Remove condition ${index + 1}`}
            onClick={() => onChange(matchers.filter((_, at) => at !== index))}
          />
        </fieldset>
      ))}
      <Button
        iconName="add-plus"
        formAction="none"
        onClick={() => onChange([...matchers, { label: "", op: "=", value: "" }])}
      >
        Add a condition
      </Button>
    </SpaceBetween>
  );
}

function ValueInput(props: {
  index: number;
  matcher: Matcher;
  onChange: (index: number, matcher: Matcher) => void;
}) {
  const { index, matcher, onChange } = props;
  return (
    <Input
      ariaLabel={`Value of condition ${index + 1}`}
      placeholder={matcher.op === "in" ? "a, b, c" : ""}
      value={matcher.op === "in" ? joined(matcher) : textOf(matcher)}
      onChange={({ detail }) => onChange(index, typed(matcher, detail.value))}
    />
  );
}

/** While values are typed, a comma and what follows it must stay: the empty value behind it is kept. */
function typed(matcher: Matcher, text: string): Matcher {
  return matcher.op === "in"
    ? { ...matcher, value: text.split(",").map((each) => each.trimStart()) }
    : withText(matcher, text);
}

function joined(matcher: Matcher): string {
  return Array.isArray(matcher.value) ? matcher.value.join(", ").replace(/, $/, ",") : "";
}
