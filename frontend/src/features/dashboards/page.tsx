import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ApiProblem } from "~/api/problem";
import { useRefusal } from "~/auth/session";
import { Page } from "~/ui/page";
import { Empty, Failure, Loading } from "~/ui/states";
import { useDashboard } from "./data";
import { Viewing } from "./viewing";

/** Whoever only looks at dashboards loads nothing of the editor. */
const Editing = lazy(async () => ({ default: (await import("./editing")).Editing }));

/** One dashboard: to look at, or, with ?edit, to change. */
export function DashboardPage() {
  const { id } = useParams({ from: "/dashboards/$id" });
  const search = useSearch({ from: "/dashboards/$id" });
  const found = useDashboard(id);
  const refused = useRefusal("editor");
  const navigate = useNavigate();
  const opened = found.data;
  if (opened === undefined) {
    const gone = found.error instanceof ApiProblem && found.error.status === 404;
    return (
      <Page title="Dashboard">
        {found.isPending && <Loading what="the dashboard" height={400} />}
        {gone && (
          <Empty title="There is no such dashboard">
            The address may be mistyped, or it was deleted. Look for it in the list of dashboards.
          </Empty>
        )}
        {found.error !== null && !gone && (
          <Failure error={found.error} what="Dashboard" onRetry={() => void found.refetch()} />
        )}
      </Page>
    );
  }
  if (search.edit && opened.stored !== null && refused === null) {
    const { edit: _edit, ...rest } = search;
    return (
      <Suspense fallback={<Loading what="the editor" height={400} />}>
        <Editing
          key={id}
          stored={opened.stored}
          search={search}
          onDone={() => void navigate({ to: "/dashboards/$id", params: { id }, search: rest })}
        />
      </Suspense>
    );
  }
  return <Viewing key={id} id={id} opened={opened} query={found} search={search} />;
}
