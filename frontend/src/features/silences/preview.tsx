import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { body } from "~/api/client";
import { now } from "~/api/clock";
import { useApi } from "~/api/context";
import type { components } from "~/api/schema";
import { plural } from "~/ui/format";
import { Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { type Draft, requestOf } from "./draft";

type Answer = components["schemas"]["SilencePreview"];

/** What the silence would have muted in the last week, and what it would mute now: before it does. */
export function Preview(props: { draft: Draft }) {
  const api = useApi();
  const preview = useMutation({
    mutationFn: (draft: Draft) =>
      body(
        api.POST("/api/silences/preview", {
          body: { ...requestOf(draft, now()), start: null, end: null, cursor: null },
        }),
      ),
  });
  return (
    <SpaceBetween size="s">
      <Button
        formAction="none"
        iconName="search"
        loading={preview.isPending}
        onClick={() => preview.mutate(props.draft)}
      >
        What would it mute?
      </Button>
      {preview.error !== null && <Failure error={preview.error} what="No preview" />}
      {preview.data !== undefined && <Muted answer={preview.data} />}
    </SpaceBetween>
  );
}

function Muted(props: { answer: Answer }) {
  const { answer } = props;
  const muted = answer.alerts.reduce((all, each) => all + each.firings, 0);
  const nothing = answer.firing_now.length === 0 && muted === 0;
  return (
    <Alert
      type={nothing ? "info" : "warning"}
      header={
        nothing
          ? "Nothing fires now or fired in the last week that this would mute"
          : `${answer.firing_now.length} firing now, ${plural(muted, "firing")} in the last week`
      }
    >
      <ul className="plain">
        {answer.firing_now.slice(0, 10).map((each) => (
          <li key={`${each.alert} ${JSON.stringify(each.tags)}`}>
            Fires now: {answer.alerts.find((alert) => alert.id === each.alert)?.name ?? each.alert}{" "}
            {tagText(each.tags)} since <Time at={each.since} />
          </li>
        ))}
        {answer.alerts
          .filter((each) => each.firings > 0)
          .slice(0, 10)
          .map((each) => (
            <li key={each.id}>
              {each.name}: {plural(each.firings, "firing")}
            </li>
          ))}
      </ul>
      {answer.truncated && (
        <Box variant="small">There is more than is shown: the silence covers a lot.</Box>
      )}
    </Alert>
  );
}

function tagText(tags: Readonly<Record<string, unknown>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(", ");
}
