import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { Link } from "@tanstack/react-router";
import { RoleButton } from "~/ui/disabled-button";
import type { Content } from "./model";
import { READY_MADE } from "./ready-made";

/** Dashboards that can be opened as they are, also before the first one is made. */
export function ReadyMadeList(props: { onCopy: (content: Content) => void }) {
  if (READY_MADE.length === 0) {
    return null;
  }
  return (
    <Container
      header={
        <Header variant="h2" description="Open them as they are, or copy one to change it.">
          Ready-made
        </Header>
      }
    >
      <ul className="ready-made">
        {READY_MADE.map(({ id, content }) => (
          <li key={id}>
            <div className="about">
              <Link to="/dashboards/$id" params={{ id }} className="dashboard-link">
                {content.name}
              </Link>
              <Box color="text-body-secondary">{content.description}</Box>
            </div>
            <div className="copy">
              <RoleButton
                needs="editor"
                ariaLabel={`Copy ${content.name}`}
                onClick={() => props.onCopy(content)}
              >
                Copy
              </RoleButton>
            </div>
          </li>
        ))}
      </ul>
    </Container>
  );
}
