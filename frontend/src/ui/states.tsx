import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import type { ReactNode } from "react";
import { ApiProblem } from "~/api/problem";

/** While the first answer is awaited. `height` keeps the place that the content will take. */
export function Loading(props: { what: string; height?: number }) {
  return (
    <div className="state" style={{ minHeight: props.height ?? 120 }} role="status">
      <Spinner />{" "}
      <Box variant="span" color="text-status-inactive">
        Loading {props.what}
      </Box>
    </div>
  );
}

/** There is nothing, and what to do about that. */
export function Empty(props: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Box textAlign="center" padding="l">
      <SpaceBetween size="xs">
        <b>{props.title}</b>
        {props.children && <Box color="text-body-secondary">{props.children}</Box>}
        {props.action}
      </SpaceBetween>
    </Box>
  );
}

/** It did not work: the API's sentence, the fields it named, and a way to try again. */
export function Failure(props: { error: unknown; what: string; onRetry?: () => void }) {
  const { error, onRetry } = props;
  const problem = error instanceof ApiProblem ? error : null;
  return (
    <Alert
      type="error"
      header={`${props.what}: ${problem?.title ?? "something went wrong"}`}
      action={onRetry && <Button onClick={onRetry}>Try again</Button>}
    >
      {error instanceof Error ? error.message : String(error)}
      {problem?.retryAfter != null && <p>It may be tried again in {problem.retryAfter} s.</p>}
      {problem !== null && problem.errors.length > 0 && (
        <ul>
          {problem.errors.map((each) => (
            <li key={`${each.field} ${each.reason}`}>
              <b>{each.field}</b> {each.reason}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
}
