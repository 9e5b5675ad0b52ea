import "~/features/sign-in/sign-in.css";
import Box from "@cloudscape-design/components/box";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Auth } from "~/auth/auth";
import { type Gate, useAsked } from "~/auth/gate";
import type { Config } from "~/config";
import { StepLink } from "~/features/sign-in/form";
import { SignInSteps } from "~/features/sign-in/steps";
import { leave } from "./leave";

interface Props {
  readonly auth: Auth;
  readonly config: Config;
  readonly email: string;
  readonly gate: Gate;
  readonly onSignedIn: () => void;
}

/** Over the page whose session has ended: all stays as it is, and goes on after. */
export function SignInAgain(props: Props) {
  const { auth, email, gate } = props;
  if (!useAsked(gate)) {
    return null;
  }
  return (
    // It cannot be closed: without a session there is nothing to go back to.
    <Modal visible header="Sign in again" closeAriaLabel="Sign in again">
      <SpaceBetween size="m">
        <Box>
          Your session is over. What you see, and what you have begun to write, stays. It goes on
          when you have signed in.
        </Box>
        <SignInSteps
          auth={auth}
          config={{ ...props.config, self_sign_up: false }}
          email={email}
          heading="h2"
          onDone={props.onSignedIn}
        />
        <StepLink onClick={() => void leave(auth)}>Leave instead</StepLink>
      </SpaceBetween>
    </Modal>
  );
}
