import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import { type Role, useRefusal } from "~/auth/session";

/** A button for those who may: for others it is disabled and says why. Other reasons to be disabled come second. */
export function RoleButton(props: ButtonProps & { needs: Role }) {
  const { needs, ...button } = props;
  const refused = useRefusal(needs);
  if (refused === null) {
    return <Button {...button} />;
  }
  return <Button {...button} disabled disabledReason={refused} />;
}
