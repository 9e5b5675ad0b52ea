import "~/features/sign-in/sign-in.css";
import type { Auth } from "~/auth/auth";
import { type Gate, useAsked } from "~/auth/gate";
import type { Config } from "~/config";
import { SignInSteps } from "~/features/sign-in/steps";
import { NativeDialog } from "~/ui/native-dialog";
import { leave } from "./leave";

interface Props {
  readonly auth: Auth;
  readonly config: Config;
  readonly email: string;
  readonly gate: Gate;
  readonly onSignedIn: () => void;
}

/** Over the page whose session has ended: all stays as it is, and goes on after. Without a session there is nothing to close it for. */
export function SignInAgain(props: Props) {
  const { auth, email, gate } = props;
  if (!useAsked(gate)) {
    return null;
  }
  return (
    <NativeDialog label="Sign in again">
      <SignInSteps
        auth={auth}
        config={{ ...props.config, self_sign_up: false }}
        email={email}
        heading="h2"
        title="Sign in again"
        intro="Your session is over. What you see, and what you have begun to write, stays. It goes on when you have signed in."
        onDone={props.onSignedIn}
        onLeave={() => void leave(auth)}
      />
    </NativeDialog>
  );
}
