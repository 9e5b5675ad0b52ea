import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { Failure } from "~/ui/states";
import { parseLabels, type Route } from "./policy";
import { useChannels } from "./use-channels";

/** Who would be told of a notification with these labels, by the routes as they are on this page. */
export function Trial(props: { routes: readonly Route[] }) {
  const api = useApi();
  const { nameOf } = useChannels();
  const [text, setText] = useState("severity=critical alertname=demo");
  const labels = parseLabels(text);
  const trial = useMutation({
    mutationFn: (wanted: Readonly<Record<string, string>>) =>
      body(
        api.POST("/api/routing/preview", {
          body: { labels: wanted, routes: props.routes, alert: null, tags: {}, severity: null },
        }),
      ),
  });
  return (
    <Container header={<Header variant="h2">Who would be told?</Header>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (labels !== null) {
            trial.mutate(labels);
          }
        }}
      >
        <SpaceBetween size="m">
          <FormField
            label="Labels of a notification"
            errorText={labels === null ? "Write label=value, with spaces between." : undefined}
            secondaryControl={
              <Button loading={trial.isPending} disabled={labels === null}>
                Try
              </Button>
            }
            stretch
          >
            <Input
              value={text}
              spellcheck={false}
              onChange={({ detail }) => setText(detail.value)}
            />
          </FormField>
          {trial.error !== null && <Failure error={trial.error} what="It could not be tried" />}
          {trial.data !== undefined && (
            <SpaceBetween size="xs">
              <b>{trial.data.summary}</b>
              <ul className="plain">
                {trial.data.looked_at.map((each) => (
                  <li key={each.route}>
                    <StatusIndicator type={each.matched ? "success" : "stopped"}>
                      {each.route}: {each.why}
                    </StatusIndicator>
                  </li>
                ))}
              </ul>
              {trial.data.taken.map((each) => (
                <Box key={each.name}>
                  {each.name} tells {each.channels.map(nameOf).join(", ")}
                  {each.steps.map(
                    (step) =>
                      `; after ${step.after} s also ${step.channels.map(nameOf).join(", ")}`,
                  )}
                </Box>
              ))}
            </SpaceBetween>
          )}
        </SpaceBetween>
      </form>
    </Container>
  );
}
