import type { ErrorComponentProps } from "@tanstack/react-router";
import { Failure } from "~/ui/states";

/** A page that could not be shown; the navigation around it stays. */
export function RouteFailure(props: ErrorComponentProps) {
  return <Failure error={props.error} what="This page cannot be shown" onRetry={props.reset} />;
}
