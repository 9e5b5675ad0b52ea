import "./alerts.css";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import { ConfirmDialog } from "~/ui/confirm";
import { RoleButton } from "~/ui/disabled-button";
import { Page } from "~/ui/page";
import { Stale } from "~/ui/stale";
import { Failure, Loading } from "~/ui/states";
import type { TimeRange } from "~/ui/time-range";
import { useToasts } from "~/ui/toasts";
import { AlertChart } from "./alert-chart";
import { SeverityBadge } from "./badges";
import { useAlert } from "./data";
import { DefinitionWords, useNames } from "./definition";
import { draftOf } from "./draft";
import { DrillButton } from "./drill";
import { useHistory } from "./history";
import { HistoryTable } from "./history-table";
import { InstancesTable } from "./instances-table";
import type { Alert } from "./model";
import { matchersFor } from "./muting";
import { Noise } from "./noise";
import { Remarks } from "./remarks";
import { useWatchedUnit } from "./series";
import { Versions } from "./versions";

const route = getRouteApi("/alerts/$id");

/** The API's refusal with the composites that it names, which the dialog shows. */
function refusalOf(error: unknown): Error {
  if (error instanceof ApiProblem && error.errors.length > 0) {
    const named = error.errors.map((each) => each.reason).join(" ");
    return new Error(`${error.message} ${named}`);
  }
  return error instanceof Error ? error : new Error(String(error));
}

function DeleteButton(props: { alert: Alert }) {
  const { alert } = props;
  const api = useApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toasts = useToasts();
  const [asked, setAsked] = useState(false);
  const remove = async () => {
    try {
      const header = { "If-Match": `"${alert.version}"` };
      await api.DELETE("/api/alerts/{id}", { params: { path: { id: alert.id }, header } });
    } catch (error) {
      throw refusalOf(error);
    }
    toasts.success("Alert deleted");
    await navigate({ to: "/alerts" });
    client.removeQueries({ queryKey: ["alerts", alert.id] });
    await client.invalidateQueries({ queryKey: ["alerts"] });
  };
  return (
    <>
      <RoleButton needs="editor" onClick={() => setAsked(true)}>
        Delete
      </RoleButton>
      {asked && (
        <ConfirmDialog
          title={`Delete ${alert.name}`}
          consequence="It is evaluated no longer, and nobody is told any more. Its versions are kept."
          action="Delete"
          onConfirm={remove}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}

function Actions(props: { alert: Alert }) {
  const { alert } = props;
  const navigate = useNavigate();
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <DrillButton id={alert.id} name={alert.name} />
      <RoleButton
        needs="editor"
        onClick={() =>
          void navigate({
            to: "/silences",
            search: { matchers: JSON.stringify(matchersFor(alert)) },
          })
        }
      >
        Silence
      </RoleButton>
      <DeleteButton alert={alert} />
      <Button
        variant="primary"
        onClick={() =>
          void navigate({ to: "/alerts/$id/edit", params: { id: alert.id }, search: {} })
        }
      >
        Edit
      </Button>
    </SpaceBetween>
  );
}

function Content(props: { alert: Alert }) {
  const { alert } = props;
  const range = route.useSearch();
  const navigate = useNavigate();
  const history = useHistory(alert.id);
  const draft = useMemo(() => draftOf(alert), [alert]);
  const names = useNames(draft.condition);
  const unit = useWatchedUnit(draft);
  const onRange = useCallback(
    (next: TimeRange) =>
      void navigate({ to: "/alerts/$id", params: { id: alert.id }, search: next, replace: true }),
    [navigate, alert.id],
  );
  return (
    <SpaceBetween size="l">
      <DefinitionWords alert={alert} unit={unit} />
      <AlertChart
        draft={draft}
        title={`What ${alert.name} looks at`}
        range={range}
        onRange={onRange}
        history={history}
      />
      <InstancesTable alert={alert} unit={unit} />
      <HistoryTable history={history} names={(id) => names.get(id) ?? id} />
      <Noise id={alert.id} />
      <Remarks id={alert.id} title="Notes" />
      <Versions alert={alert} />
    </SpaceBetween>
  );
}

/** One alert: what it says, what it looks at, where its instances are and what happened. */
export function AlertPage() {
  const { id } = route.useParams();
  const alert = useAlert(id);
  if (alert.data === undefined) {
    return (
      <Page title="Alert">
        {alert.isPending ? (
          <Loading what="the alert" height={600} />
        ) : (
          <Failure
            error={alert.error}
            what="The alert could not be read"
            onRetry={() => void alert.refetch()}
          />
        )}
      </Page>
    );
  }
  return (
    <Page
      title={alert.data.name}
      description={<SeverityBadge severity={alert.data.severity} />}
      actions={<Actions alert={alert.data} />}
    >
      <SpaceBetween size="m">
        <Stale query={alert} what="this alert" />
        <Content key={alert.data.id} alert={alert.data} />
      </SpaceBetween>
    </Page>
  );
}
