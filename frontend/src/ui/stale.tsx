import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { clockSkew } from "~/api/clock";
import { Time } from "./time";

/** What of a query tells whether what it shows is old: all of TanStack's results have it. */
interface Refreshing {
  readonly data: unknown;
  readonly error: Error | null;
  readonly dataUpdatedAt: number;
  readonly isFetching: boolean;
  readonly refetch: () => unknown;
}

/** Above what a query shows: nothing as long as its refreshes work, else how old the data is, and why. */
export function Stale(props: { query: Refreshing; what?: string }) {
  const { query, what = "this" } = props;
  if (query.data === undefined || query.error === null) {
    return null;
  }
  return (
    <Alert
      type="warning"
      action={
        <Button loading={query.isFetching} onClick={() => void query.refetch()}>
          Try again
        </Button>
      }
    >
      What you see of {what} is of <Time at={query.dataUpdatedAt + clockSkew()} />. It could not be
      refreshed: {query.error.message}
    </Alert>
  );
}
