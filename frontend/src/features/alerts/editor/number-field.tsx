import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useEffect, useState } from "react";

/** What a text says as a number: null for nothing, NaN for what is none. */
export function numberOf(text: string): number | null {
  const trimmed = text.trim().replace(",", ".");
  return trimmed === "" ? null : Number(trimmed);
}

/** A number as it is typed; what is none is kept in the field and said, and changes nothing. */
export function NumberField(props: {
  label: string;
  value: number | null | undefined;
  onChange: (value: number | null) => void;
  description?: string;
  constraint?: string;
  error?: string | undefined;
  whole?: boolean;
  /** Nothing may be typed: the field can be empty. */
  optional?: boolean;
  suffix?: string;
}) {
  const { value = null, whole = false, optional = false } = props;
  const [text, setText] = useState(value === null ? "" : String(value));
  // Nobody is told off for a field that was not come to yet.
  const [touched, setTouched] = useState(false);
  useEffect(() => {
    setText((before) => {
      const typed = numberOf(before);
      return typed === value ? before : value === null ? "" : String(value);
    });
  }, [value]);
  const typed = numberOf(text);
  const bad = wrongText(typed, whole, optional || !touched);
  const error = bad ?? props.error;
  return (
    <FormField
      label={props.label}
      {...(props.description === undefined ? {} : { description: props.description })}
      {...(props.constraint === undefined ? {} : { constraintText: props.constraint })}
      {...(error === undefined ? {} : { errorText: error })}
      {...(props.suffix === undefined ? {} : { secondaryControl: <span>{props.suffix}</span> })}
      stretch
    >
      <Input
        value={text}
        inputMode={whole ? "numeric" : "decimal"}
        autoComplete={false}
        invalid={error !== undefined}
        onBlur={() => setTouched(true)}
        onChange={({ detail }) => {
          setTouched(true);
          setText(detail.value);
          const next = numberOf(detail.value);
          if (wrongText(next, whole, true) === undefined && (next !== null || optional)) {
            props.onChange(next);
          }
        }}
      />
    </FormField>
  );
}

function wrongText(typed: number | null, whole: boolean, optional: boolean): string | undefined {
  if (typed === null) {
    return optional ? undefined : "Type a number.";
  }
  if (!Number.isFinite(typed)) {
    return "This is no number.";
  }
  return whole && !Number.isInteger(typed) ? "Type a whole number." : undefined;
}
