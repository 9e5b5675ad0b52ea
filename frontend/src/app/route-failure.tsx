import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { isOutdated } from "~/ui/outdated";
import { Failure } from "~/ui/states";

/** A page that could not be shown; the navigation around it stays. */
export function RouteFailure(props: ErrorComponentProps) {
  if (isOutdated(props.error)) {
    return (
      <Alert
        type="info"
        header="This page could not be loaded"
        action={<Button onClick={() => location.reload()}>Load the console again</Button>}
      >
        Check the connection. If it works, there is a newer version of the console.
      </Alert>
    );
  }
  return <Failure error={props.error} what="This page cannot be shown" onRetry={props.reset} />;
}
