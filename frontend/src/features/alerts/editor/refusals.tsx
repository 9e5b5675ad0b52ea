import Alert from "@cloudscape-design/components/alert";
import { useEffect, useRef } from "react";
import type { ApiProblem } from "~/api/problem";
import { fieldName } from "../conflict";

/** Why an alert was not saved: in one place, also what stands beside its field far below. */
export function Refusals(props: { problem: ApiProblem | null }) {
  const { problem } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem !== null) {
      place.current?.scrollIntoView?.({ block: "center" });
      place.current?.focus();
    }
  }, [problem]);
  if (problem === null) {
    return null;
  }
  return (
    <div ref={place} tabIndex={-1}>
      <Alert type="error" header="The alert was not saved">
        {problem.message}
        {problem.retryAfter !== null && ` It may be tried again in ${problem.retryAfter} s.`}
        {problem.errors.length > 0 && (
          <ul>
            {problem.errors.map((each) => (
              <li key={`${each.field} ${each.reason}`}>
                <b>{fieldName(each.field)}</b> {each.reason}
              </li>
            ))}
          </ul>
        )}
      </Alert>
    </div>
  );
}
