import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useSession } from "~/auth/session";
import { CopyText } from "~/ui/copy-text";
import { firstPoint } from "./first-point";

/** For a tenant without a metric: how the first one comes, and that it came. */
export function FirstSteps(props: { received: boolean }) {
  const { auth, role } = useSession();
  const [token, setToken] = useState<string | null>(null);
  const text = firstPoint(location.origin, token);
  return (
    <Container
      header={
        <Header variant="h2" description="Three steps, two minutes.">
          Your first metric
        </Header>
      }
    >
      <ol className="steps">
        <li>
          <SpaceBetween size="xs">
            <b>Send a point</b>
            <span>Paste this into a shell. Any program that can post JSON will do.</span>
            <pre className="code">{text}</pre>
            <SpaceBetween direction="horizontal" size="xs">
              <CopyText text={text} what="the command" variant="button" />
              {token === null && (
                <Button onClick={() => void auth.accessToken().then(setToken)}>
                  Put my token in
                </Button>
              )}
            </SpaceBetween>
            {token !== null && (
              <Box variant="small">
                The token is yours and ends within the hour: for programs, make a{" "}
                {role === "admin" ? (
                  <Link to="/clients">machine client</Link>
                ) : (
                  "machine client (ask an admin)"
                )}
                .
              </Box>
            )}
          </SpaceBetween>
        </li>
        <li>
          <SpaceBetween size="xs">
            <b>See it arrive</b>
            <div aria-live="polite">
              {props.received ? (
                <StatusIndicator type="success">Received. It is below.</StatusIndicator>
              ) : (
                <StatusIndicator type="pending">
                  Nothing yet; this page looks every few seconds.
                </StatusIndicator>
              )}
            </div>
          </SpaceBetween>
        </li>
        <li>
          <SpaceBetween size="xs">
            <b>Say what must never happen</b>
            <span>
              Look at it in{" "}
              <Link to="/explore" search={{ last: 3_600 }}>
                Explore
              </Link>
              , then <Link to="/alerts/new">make an alert</Link> by dragging a line.
            </span>
          </SpaceBetween>
        </li>
      </ol>
    </Container>
  );
}
