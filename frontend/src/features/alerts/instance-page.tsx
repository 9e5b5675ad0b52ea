import "./alerts.css";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { RoleButton } from "~/ui/disabled-button";
import { formatValue } from "~/ui/format";
import { Page } from "~/ui/page";
import { Stale } from "~/ui/stale";
import { Empty, Failure, Loading } from "~/ui/states";
import { Time } from "~/ui/time";
import type { TimeRange } from "~/ui/time-range";
import { AlertChart } from "./alert-chart";
import { SeverityBadge, StateBadge } from "./badges";
import { useActiveSilences, useAlert, usePeople } from "./data";
import { Runbook, useNames } from "./definition";
import { draftOf } from "./draft";
import { Engagement } from "./engagement";
import { Explain } from "./explain";
import { useHistory } from "./history";
import { HistoryTable } from "./history-table";
import { type Alert, type Instance, tagsKey, tagsText } from "./model";
import { matchersFor, mutedBy } from "./muting";
import { Remarks } from "./remarks";
import { useWatchedUnit } from "./series";

const route = getRouteApi("/alerts/$id/instance");

function Standing(props: { alert: Alert; instance: Instance; unit: string | null }) {
  const { alert, instance, unit } = props;
  const silences = useActiveSilences();
  const muting = mutedBy(silences.data ?? [], alert, instance);
  return (
    <SpaceBetween size="xxs">
      <SpaceBetween direction="horizontal" size="s" alignItems="center">
        <StateBadge state={instance.state} />
        {instance.severity !== null && <SeverityBadge severity={instance.severity} />}
        <span>
          <Time at={instance.since} />
          {instance.value !== null && `, at ${formatValue(instance.value, unit)}`}
        </span>
      </SpaceBetween>
      {muting.map((each) => (
        <Box key={each.id} color="text-body-secondary">
          Silenced{each.comment === "" ? "" : `: ${each.comment}`}
        </Box>
      ))}
      {alert.runbook_url && (
        <Box>
          Runbook: <Runbook url={alert.runbook_url} />
        </Box>
      )}
    </SpaceBetween>
  );
}

function Content(props: { alert: Alert; instance: Instance; unit: string | null }) {
  const { alert, instance, unit } = props;
  const search = route.useSearch();
  const navigate = useNavigate();
  const name = usePeople();
  const history = useHistory(alert.id);
  const draft = useMemo(() => draftOf(alert), [alert]);
  const names = useNames(draft.condition);
  const [at, setAt] = useState<number | null>(null);
  const { tags } = search;
  const onRange = useCallback(
    (next: TimeRange) =>
      void navigate({
        to: "/alerts/$id/instance",
        params: { id: alert.id },
        search: { ...next, tags },
        replace: true,
      }),
    [navigate, alert.id, tags],
  );
  const explain = (moment: number) => {
    setAt(moment);
    document.getElementById("explanation")?.scrollIntoView({ block: "start" });
  };
  return (
    <SpaceBetween size="l">
      {instance.state === "ALARM" && <Engagement id={alert.id} instance={instance} />}
      <AlertChart
        draft={draft}
        title={`${alert.name} for ${tagsText(instance.tags) || "all series together"}`}
        range={search}
        onRange={onRange}
        history={history}
        instance={instance}
      />
      <div id="explanation">
        <Explain
          id={alert.id}
          tags={instance.tags}
          at={at}
          unit={unit}
          name={name}
          onNow={() => setAt(null)}
        />
      </div>
      <HistoryTable
        history={history}
        tags={instance.tags}
        names={(id) => names.get(id) ?? id}
        onExplain={explain}
      />
      <Remarks id={alert.id} tags={instance.tags} title="Done and said" />
    </SpaceBetween>
  );
}

function Found(props: { alert: Alert; instance: Instance }) {
  const { alert, instance } = props;
  const navigate = useNavigate();
  const unit = useWatchedUnit(useMemo(() => draftOf(alert), [alert]));
  const tags = tagsText(instance.tags);
  return (
    <Page
      title={tags === "" ? alert.name : `${alert.name}: ${tags}`}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            onClick={() =>
              void navigate({
                to: "/alerts/$id",
                params: { id: alert.id },
                search: { last: 10_800 },
              })
            }
          >
            The alert
          </Button>
          <RoleButton
            needs="editor"
            onClick={() =>
              void navigate({
                to: "/silences",
                search: { matchers: JSON.stringify(matchersFor(alert, instance.tags)) },
              })
            }
          >
            Silence
          </RoleButton>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Standing alert={alert} instance={instance} unit={unit} />
        <Content key={tagsKey(instance.tags)} alert={alert} instance={instance} unit={unit} />
      </SpaceBetween>
    </Page>
  );
}

/** One instance of an alert: its state, why it is so, who looks after it, and what happened to it. */
export function InstancePage() {
  const { id } = route.useParams();
  const { tags } = route.useSearch();
  const alert = useAlert(id);
  const wanted = tagsKey(tags);
  const instance = alert.data?.instances.find((each) => tagsKey(each.tags) === wanted);
  if (alert.data !== undefined && instance !== undefined) {
    return (
      <SpaceBetween size="m">
        <Stale query={alert} what="this instance" />
        <Found alert={alert.data} instance={instance} />
      </SpaceBetween>
    );
  }
  return (
    <Page title="Instance">
      {alert.isPending ? (
        <Loading what="the instance" height={600} />
      ) : alert.data === undefined ? (
        <Failure
          error={alert.error}
          what="The alert could not be read"
          onRetry={() => void alert.refetch()}
        />
      ) : (
        <Empty title={`${alert.data.name} has no such instance`}>
          {tagsText(tags) || "It has none without tags"}. It may be over, or not begun yet.
        </Empty>
      )}
    </Page>
  );
}
