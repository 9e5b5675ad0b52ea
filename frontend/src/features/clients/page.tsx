import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import type { components } from "~/api/schema";
import { useRefusal } from "~/auth/session";
import { ConfirmDialog } from "~/ui/confirm";
import { Page } from "~/ui/page";
import { Empty, Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { useToasts } from "~/ui/toasts";
import { CreateDialog } from "./create-dialog";
import { type Secret, SecretDialog } from "./secret-dialog";
import { SCOPES } from "./wording";

type Client = components["schemas"]["ClientOut"];

/** Machines that call the API with a client id and a secret of their own. */
export function ClientsPage() {
  const refused = useRefusal("admin");
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  return (
    <Page
      title="Machine clients"
      description="Agents and programs that send or read metrics, each with its own id and secret."
      actions={
        refused === null && (
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create a client
          </Button>
        )
      }
    >
      {refused === null ? (
        <List onSecret={setSecret} />
      ) : (
        <Empty title="Admins only">{refused}</Empty>
      )}
      {creating && (
        <CreateDialog
          onClose={() => setCreating(false)}
          onCreated={(made) => {
            setCreating(false);
            setSecret(made);
          }}
        />
      )}
      {secret !== null && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
    </Page>
  );
}

/** A day: long enough to bring new credentials to a program by hand. */
const OVERLAP_S = 86_400;

type Asked = { readonly client: Client; readonly action: "rotate" | "delete" };

function List(props: { onSecret: (secret: Secret) => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [asked, setAsked] = useState<Asked | null>(null);
  const found = usePages(["clients"], (cursor, signal) =>
    body(
      api.GET("/api/clients", {
        params: { query: cursor === undefined ? {} : { cursor } },
        signal,
      }),
    ),
  );
  const clients = found.pages.flatMap((page) => page.clients);
  if (clients.length === 0 && found.error != null) {
    return <Failure error={found.error} what="Machine clients" onRetry={found.refetch} />;
  }
  async function act({ client, action }: Asked) {
    const params = { path: { id: client.id } };
    if (action === "rotate") {
      props.onSecret(
        await body(api.POST("/api/clients/{id}/rotate", { params, body: { overlap: OVERLAP_S } })),
      );
    } else {
      await api.DELETE("/api/clients/{id}", { params });
      toasts.success(`${client.name} is deleted; its tokens end within a minute.`);
    }
    await queries.invalidateQueries({ queryKey: ["clients"] });
  }
  return (
    <>
      <Table
        items={clients}
        trackBy="id"
        loading={found.isPending}
        loadingText="Loading clients"
        wrapLines
        ariaLabels={{ tableLabel: "Machine clients" }}
        header={
          <Header variant="h2" counter={`(${clients.length} of ${found.pages[0]?.limit ?? "…"})`}>
            Clients
          </Header>
        }
        empty={
          <Empty title="No machine calls the API yet">
            Create a client for each agent or program: one can be taken away without the others.
          </Empty>
        }
        columnDefinitions={[
          { id: "name", header: "Name", isRowHeader: true, cell: (each) => each.name },
          {
            id: "client",
            header: "Client id",
            cell: (each) =>
              each.client_id === null ? (
                <StatusIndicator type="warning">
                  making it was broken off: make a new secret, or delete it
                </StatusIndicator>
              ) : (
                <>
                  <code>{each.client_id}</code>
                  {each.earlier.map((other) => (
                    <Box key={other.client_id} variant="small" display="block">
                      {other.client_id} until <Time at={other.until} />
                    </Box>
                  ))}
                </>
              ),
          },
          { id: "scopes", header: "May", cell: (each) => each.scopes.map(label).join(", ") },
          { id: "created", header: "Created", cell: (each) => <Time at={each.created} /> },
          {
            id: "rotated",
            header: "Secret changed",
            cell: (each) => (each.rotated_at == null ? "never" : <Time at={each.rotated_at} />),
          },
          {
            id: "actions",
            header: "Actions",
            cell: (each) => (
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  variant="inline-link"
                  ariaLabel={`New secret for ${each.name}`}
                  onClick={() => setAsked({ client: each, action: "rotate" })}
                >
                  New secret
                </Button>
                <Button
                  variant="inline-link"
                  ariaLabel={`Delete ${each.name}`}
                  onClick={() => setAsked({ client: each, action: "delete" })}
                >
                  Delete
                </Button>
              </SpaceBetween>
            ),
          },
        ]}
        footer={
          found.hasMore && (
            <Box textAlign="center">
              <Button loading={found.isFetching} onClick={found.more}>
                Show more
              </Button>
            </Box>
          )
        }
      />
      {asked !== null && (
        <ConfirmDialog
          title={
            asked.action === "rotate"
              ? `A new secret for ${asked.client.name}`
              : `Delete ${asked.client.name}`
          }
          consequence={
            asked.action === "rotate"
              ? "It gets a new client id and a new secret, shown once. The present ones go on for a day: bring the new ones to the program until then."
              : "Whatever uses this client can no longer send or read: within a minute."
          }
          action={asked.action === "rotate" ? "Make a new secret" : "Delete"}
          {...(asked.action === "delete" ? { typed: asked.client.name } : {})}
          onClose={() => setAsked(null)}
          onConfirm={() => act(asked)}
        />
      )}
    </>
  );
}

function label(scope: string): string {
  return SCOPES.find((each) => each.value === scope)?.label.toLowerCase() ?? scope;
}
