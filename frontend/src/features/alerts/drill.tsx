import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { RoleButton } from "~/ui/disabled-button";
import { formatSeconds } from "~/ui/format";
import { Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { StateBadge } from "./badges";
import { useChannels } from "./data";
import type { Drill, Tags } from "./model";
import { tagsText } from "./model";

const FOLLOW_MS = 2_000;

const STAGES: Readonly<Record<Drill["stage"], string>> = {
  waiting: "It waits for its point",
  firing: "It fires",
  ending: "It resolves",
  over: "It is over",
};

/** How far a drill is: decisions and tellings as they come. */
function Report(props: { first: Drill }) {
  const api = useApi();
  const channels = useChannels();
  const { id } = props.first;
  const drill = useQuery({
    queryKey: ["drills", id],
    queryFn: ({ signal }): Promise<Drill> =>
      body(api.GET("/api/drills/{id}", { params: { path: { id } }, signal })),
    initialData: props.first,
    refetchInterval: ({ state }) => (state.data?.stage === "over" ? false : FOLLOW_MS),
  });
  const { stage, decisions, tellings, fires_at, resolves_at } = drill.data;
  const channel = (of: string | null) =>
    of === null ? "nobody" : (channels.data?.find((each) => each.id === of)?.name ?? of);
  return (
    <SpaceBetween size="s">
      <StatusIndicator type={stage === "over" ? "success" : "in-progress"}>
        {STAGES[stage]}
      </StatusIndicator>
      {stage === "waiting" && (
        <Box>
          It fires <Time at={fires_at} />, and resolves <Time at={resolves_at} />.
        </Box>
      )}
      <ul className="alert-inputs" aria-live="polite">
        {decisions.map((each) => (
          <li key={`${each.at} ${each.to}`}>
            <StateBadge state={each.to} /> decided <Time at={each.decided_at} />
          </li>
        ))}
        {tellings.map((each) => (
          <li key={`${each.at} ${each.channel} ${each.told} ${each.outcome}`}>
            {channel(each.channel)}: {each.told ?? "not told"}, {each.outcome} <Time at={each.at} />
            {each.milliseconds !== null &&
              ` (${formatSeconds(each.milliseconds / 1000)} after the point)`}
            {each.error !== null && <Box color="text-status-error">{each.error}</Box>}
          </li>
        ))}
      </ul>
      {drill.error !== null && <Failure error={drill.error} what="The drill's report is old" />}
    </SpaceBetween>
  );
}

/** A drill really fires: asks first, then follows what comes of it. */
export function DrillButton(props: { id: string; name: string; tags?: Tags }) {
  const { id, name, tags } = props;
  const api = useApi();
  const [open, setOpen] = useState(false);
  const start = useMutation({
    mutationFn: (): Promise<Drill> =>
      body(
        api.POST("/api/alerts/{id}/drill", {
          params: { path: { id } },
          body: { seconds: 60, ...(tags === undefined ? {} : { tags }) } as never,
        }),
      ),
  });
  const close = () => {
    setOpen(false);
    start.reset();
  };
  return (
    <>
      <RoleButton needs="editor" onClick={() => setOpen(true)}>
        Fire drill
      </RoleButton>
      {open && (
        <Modal
          visible
          header={`Fire drill of ${name}`}
          closeAriaLabel="Close"
          onDismiss={close}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={close}>
                  {start.data === undefined ? "Cancel" : "Close"}
                </Button>
                {start.data === undefined && (
                  <RoleButton
                    needs="editor"
                    variant="primary"
                    loading={start.isPending}
                    onClick={() => start.mutate()}
                  >
                    Begin the drill
                  </RoleButton>
                )}
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
            {start.data === undefined ? (
              <Alert type="warning" header="People will be told">
                A stand-in takes the alert’s place
                {tags !== undefined && tagsText(tags) !== "" && ` for ${tagsText(tags)}`} and fires
                for a minute, the whole way. Every text says that it is a drill.
              </Alert>
            ) : (
              <Report first={start.data} />
            )}
            {start.error !== null && <Failure error={start.error} what="The drill did not begin" />}
          </SpaceBetween>
        </Modal>
      )}
    </>
  );
}
