import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Rule } from "./rules";

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "email" | "password";
  readonly autoComplete: string;
  /** What stands in it at first. */
  readonly value?: string;
  readonly readOnly?: boolean;
  readonly hint?: string;
  /** A code of six digits: phones show their number keys. */
  readonly code?: boolean;
  readonly rules?: readonly Rule[];
}

/** A field with its label; a password can be shown, and ticks off the rules that it meets. */
export function Field(props: FieldProps) {
  const { name, label, type = "text", hint, rules, code = false } = props;
  const id = useId();
  const [shown, setShown] = useState(false);
  const [password, setPassword] = useState("");
  const told = hint !== undefined || rules !== undefined;
  return (
    <div className="auth-field">
      <label htmlFor={id}>{label}</label>
      <div className="auth-input">
        <input
          id={id}
          name={name}
          type={shown ? "text" : type}
          autoComplete={props.autoComplete}
          defaultValue={props.value}
          readOnly={props.readOnly}
          required
          spellCheck={false}
          autoCapitalize="none"
          aria-describedby={told ? `${id}-told` : undefined}
          {...(code ? { inputMode: "numeric", maxLength: 10, className: "auth-code" } : {})}
          onChange={rules && ((event) => setPassword(event.target.value))}
        />
        {type === "password" && (
          <button
            type="button"
            className="auth-show"
            aria-pressed={shown}
            aria-controls={id}
            aria-label={`Show ${label.toLowerCase()}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? "Hide" : "Show"}
          </button>
        )}
      </div>
      {told && (
        <div id={`${id}-told`} className="auth-hint">
          {hint}
          {rules !== undefined && (
            <ul className="auth-rules">
              {rules.map((each) => (
                <li key={each.text} data-met={each.met(password)}>
                  {each.text}
                  {each.met(password) && <span className="said"> (met)</span>}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </div>
  );
}

interface FormProps {
  readonly title: string;
  readonly intro?: ReactNode;
  /** The button's words. */
  readonly action: string;
  /** Gets the fields by name; what it throws is shown as the sentence it carries. */
  readonly onSubmit: (values: Readonly<Record<string, string>>) => Promise<void>;
  /** What the page before has done: "A code is on its way." */
  readonly notice?: string | null;
  readonly children: ReactNode;
  /** Ways to other steps, below the button. */
  readonly links?: ReactNode;
  /** A page's heading is an h1, a dialog's has its own. */
  readonly heading: "h1" | "h2";
}

/** One step: the first field that is empty has the focus, failures are told and lead back to the fields. */
export function StepForm(props: FormProps) {
  const { heading: Heading, notice } = props;
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => focusField(form.current, (field) => field.value === ""), []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) {
      return;
    }
    const fields = new FormData(event.currentTarget);
    const values = Object.fromEntries([...fields].map(([name, text]) => [name, String(text)]));
    setBusy(true);
    setFailure(null);
    try {
      await props.onSubmit(values);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      focusField(form.current, (field) => field.type === "password" || field.inputMode !== "");
    }
    setBusy(false);
  }

  return (
    <form ref={form} className="auth-form" onSubmit={(event) => void submit(event)}>
      <Heading>{props.title}</Heading>
      {props.intro !== undefined && <p>{props.intro}</p>}
      {notice != null && failure === null && (
        <p role="status" className="auth-notice">
          {notice}
        </p>
      )}
      {failure !== null && (
        <p role="alert" className="auth-failure">
          {failure}
        </p>
      )}
      {props.children}
      <button type="submit" className="auth-submit" aria-disabled={busy}>
        {busy ? "One moment…" : props.action}
      </button>
      {props.links !== undefined && <div className="auth-links">{props.links}</div>}
    </form>
  );
}

function focusField(
  form: HTMLFormElement | null,
  wanted: (field: HTMLInputElement) => boolean,
): void {
  const fields = [...(form?.querySelectorAll("input") ?? [])].filter((each) => !each.readOnly);
  const field = fields.find(wanted) ?? fields[0];
  field?.focus();
  field?.select();
}

/** Leads to another step. */
export function StepLink(props: { onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className="auth-link" onClick={props.onClick}>
      {props.children}
    </button>
  );
}
