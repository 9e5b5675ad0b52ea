import { useState } from "react";
import { type Auth, AuthError, type Step } from "~/auth/auth";
import type { Config } from "~/config";
import { Field, StepForm, StepLink } from "./form";
import { broken, rulesOf } from "./rules";

type Screen = Exclude<Step["kind"], "done"> | "sign-in" | "sign-up" | "request-reset";

interface Props {
  readonly auth: Auth;
  readonly config: Config;
  /** Whom it is about, where that is known. */
  readonly email?: string;
  readonly heading: "h1" | "h2";
  /** What the first step says, where it is not a matter of course. */
  readonly title?: string;
  readonly intro?: string;
  readonly onDone: () => void;
  /** Where one may also give up. */
  readonly onLeave?: () => void;
}

/** What has been told so far on the way: kept here, not by the forms, which come and go. */
interface Way {
  readonly screen: Screen;
  readonly email: string;
  /** Until sign-up is confirmed: so that nobody types it twice. Never stored. */
  readonly password: string;
  readonly notice: string | null;
}

const TOO_LATE = "That took too long. Sign in again.";

/** All the ways in: from the address and the password to being signed in. */
export function SignInSteps(props: Props) {
  const { auth, config, heading, onDone } = props;
  const [way, setWay] = useState<Way>({
    screen: "sign-in",
    email: props.email ?? "",
    password: "",
    notice: null,
  });
  const rules = rulesOf(config.password);
  const go = (screen: Screen, more: Partial<Way> = {}) =>
    setWay((before) => ({ ...before, notice: null, ...more, screen }));
  const signInLink = <StepLink onClick={() => go("sign-in")}>Back to sign-in</StepLink>;
  const lines = { heading, notice: way.notice };

  function follow(step: Step, more: Partial<Way> = {}): void {
    if (step.kind === "done") {
      onDone();
    } else {
      go(step.kind, more);
    }
  }

  async function answer(response: string): Promise<void> {
    try {
      follow(await auth.answer(response));
    } catch (error) {
      if (!(error instanceof AuthError) || !error.tooLate) {
        throw error;
      }
      go("sign-in", { notice: TOO_LATE });
    }
  }

  /** After a step that proves the address: the password is known already, or was just chosen. */
  async function enter(email: string, password: string, notice: string): Promise<void> {
    if (password === "") {
      go("sign-in", { email, notice });
      return;
    }
    follow(await auth.signIn(email, password), { email, password });
  }

  function checked(password: string): string {
    const reason = broken(rules, password);
    if (reason !== null) {
      throw new AuthError("InvalidPasswordException", reason);
    }
    return password;
  }

  const emailField = (fixed = false) => (
    <Field
      name="email"
      label="Email address"
      type="email"
      autoComplete="username"
      value={way.email}
      readOnly={fixed}
    />
  );
  const codeField = (hint: string) => (
    <Field name="code" label="Code" autoComplete="one-time-code" hint={hint} code />
  );
  const newPasswordField = (
    <Field
      name="password"
      label="New password"
      type="password"
      autoComplete="new-password"
      rules={rules}
    />
  );

  switch (way.screen) {
    case "sign-in":
      return (
        <StepForm
          key="sign-in"
          {...lines}
          title={props.title ?? "Sign in to Skafu"}
          {...(props.intro === undefined ? {} : { intro: props.intro })}
          action="Sign in"
          onSubmit={async ({ email = "", password = "" }) => {
            const address = email.trim();
            follow(await auth.signIn(address, password), { email: address, password });
          }}
          links={
            <>
              <StepLink onClick={() => go("request-reset")}>Forgot your password?</StepLink>
              {config.self_sign_up && (
                <StepLink onClick={() => go("sign-up")}>Create an account</StepLink>
              )}
              {props.onLeave && <StepLink onClick={props.onLeave}>Sign out instead</StepLink>}
            </>
          }
        >
          {emailField()}
          <Field name="password" label="Password" type="password" autoComplete="current-password" />
        </StepForm>
      );
    case "new-password":
      return (
        <StepForm
          key="new-password"
          {...lines}
          title="Choose your password"
          intro="The password of your invitation was for the first time only."
          action="Save and sign in"
          onSubmit={({ password = "" }) => answer(checked(password))}
          links={signInLink}
        >
          {emailField(true)}
          {newPasswordField}
        </StepForm>
      );
    case "totp":
      return (
        <StepForm
          key="totp"
          {...lines}
          title="Enter the code of your app"
          action="Sign in"
          onSubmit={({ code = "" }) => answer(digits(code))}
          links={signInLink}
        >
          {codeField("The six digits that your authenticator app shows for Skafu.")}
        </StepForm>
      );
    case "request-reset":
      return (
        <StepForm
          key="request-reset"
          {...lines}
          title="Reset your password"
          intro="You get a code by mail. With it you choose a new password."
          action="Send the code"
          onSubmit={async ({ email = "" }) => {
            const address = email.trim();
            await auth.requestReset(address);
            go("reset-password", {
              email: address,
              notice: `If ${address} has an account, a code is on its way to it.`,
            });
          }}
          links={signInLink}
        >
          {emailField()}
        </StepForm>
      );
    case "reset-password":
      return (
        <StepForm
          key="reset-password"
          {...lines}
          title="Choose a new password"
          action="Save and sign in"
          onSubmit={async ({ code = "", password = "" }) => {
            checked(password);
            await auth.confirmReset(way.email, digits(code), password);
            await enter(way.email, password, "");
          }}
          links={
            <>
              <StepLink onClick={() => go("request-reset")}>Send a new code</StepLink>
              {signInLink}
            </>
          }
        >
          {emailField(true)}
          {codeField("It is in the mail that was sent to you.")}
          {newPasswordField}
        </StepForm>
      );
    case "sign-up":
      return (
        <StepForm
          key="sign-up"
          {...lines}
          title="Create an account"
          intro="You get a team of your own. To join another's, ask one of its admins to invite you."
          action="Create the account"
          onSubmit={async ({ email = "", name = "", password = "" }) => {
            const address = email.trim();
            const step = await auth.signUp(address, name.trim(), checked(password));
            const more = { email: address, password };
            if (step.kind === "done") {
              await enter(address, password, "");
            } else {
              follow(step, { ...more, notice: `A code is on its way to ${address}.` });
            }
          }}
          links={signInLink}
        >
          {emailField()}
          <Field name="name" label="Your name" autoComplete="name" />
          {newPasswordField}
        </StepForm>
      );
    case "confirm-sign-up":
      return (
        <StepForm
          key="confirm-sign-up"
          {...lines}
          title="Confirm your address"
          intro={`Enter the code that was sent to ${way.email}.`}
          action="Confirm"
          onSubmit={async ({ code = "" }) => {
            await auth.confirmSignUp(way.email, digits(code));
            await enter(way.email, way.password, "Your address is confirmed. Sign in.");
          }}
          links={
            <>
              <StepLink
                onClick={() =>
                  void auth.resendCode(way.email).then(
                    () => go("confirm-sign-up", { notice: "A new code is on its way." }),
                    (error: Error) => go("confirm-sign-up", { notice: error.message }),
                  )
                }
              >
                Send a new code
              </StepLink>
              {signInLink}
            </>
          }
        >
          {codeField("Look into your mail, also where it puts what it takes for junk.")}
        </StepForm>
      );
  }
}

/** People paste codes with spaces in them. */
function digits(code: string): string {
  return code.replace(/\s/g, "");
}
