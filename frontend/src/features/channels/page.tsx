import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { ConfirmDialog } from "~/ui/confirm";
import { CopyText } from "~/ui/copy-text";
import { RoleButton } from "~/ui/disabled-button";
import { Page } from "~/ui/page";
import { Empty, Failure } from "~/ui/states";
import { useToasts } from "~/ui/toasts";
import { type Channel, kindOf, targetOf } from "./channel";
import { ChannelForm } from "./channel-form";

/** Where people are told. */
export function ChannelsPage() {
  const [editing, setEditing] = useState<Channel | "new" | null>(null);
  const [secret, setSecret] = useState<{ name: string; secret: string } | null>(null);
  const show = (name: string, told: string) => setSecret({ name, secret: told });
  return (
    <Page
      title="Channels"
      description="Where people and programs are told. Routing and alerts choose among them."
      actions={
        <RoleButton needs="admin" variant="primary" onClick={() => setEditing("new")}>
          New channel
        </RoleButton>
      }
    >
      <List onEdit={setEditing} onSecret={show} />
      {editing !== null && (
        <ChannelForm
          channel={editing === "new" ? null : editing}
          onClose={() => setEditing(null)}
          onSecret={show}
        />
      )}
      {secret !== null && (
        <Modal
          visible
          header={`The secret of ${secret.name}`}
          closeAriaLabel="Close"
          onDismiss={() => setSecret(null)}
          footer={
            <Box float="right">
              <Button variant="primary" onClick={() => setSecret(null)}>
                I have stored it
              </Button>
            </Box>
          }
        >
          <SpaceBetween size="s">
            <div>The receiver checks signatures with it. It is shown this once.</div>
            <CopyText text={secret.secret} what="the secret" />
          </SpaceBetween>
        </Modal>
      )}
    </Page>
  );
}

type Asked = { readonly channel: Channel; readonly action: "rotate" | "delete" };

function List(props: {
  onEdit: (channel: Channel) => void;
  onSecret: (name: string, secret: string) => void;
}) {
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [asked, setAsked] = useState<Asked | null>(null);
  const found = usePages(["channels"], (cursor, signal) =>
    body(
      api.GET("/api/channels", {
        params: { query: cursor === undefined ? {} : { cursor } },
        signal,
      }),
    ),
  );
  const channels = found.pages.flatMap((page) => page.channels);
  if (channels.length === 0 && found.error != null) {
    return <Failure error={found.error} what="Channels" onRetry={found.refetch} />;
  }
  async function act({ channel, action }: Asked) {
    const params = { path: { id: channel.id } };
    if (action === "rotate") {
      const made = await body(
        api.POST("/api/channels/{id}/rotate", { params, body: { overlap: 86_400 } }),
      );
      props.onSecret(channel.name, made.secret);
    } else {
      await api.DELETE("/api/channels/{id}", { params });
      toasts.success(`${channel.name} is deleted.`);
    }
    await queries.invalidateQueries({ queryKey: ["channels"] });
  }
  return (
    <>
      <Table
        items={channels}
        trackBy="id"
        loading={found.isPending}
        loadingText="Loading channels"
        wrapLines
        ariaLabels={{ tableLabel: "Channels" }}
        header={<Header variant="h2">Channels</Header>}
        empty={
          <Empty title="No channel yet">
            Until there is one, everything goes to the environment's topic.
          </Empty>
        }
        columnDefinitions={[
          { id: "name", header: "Name", isRowHeader: true, cell: (each) => each.name },
          {
            id: "type",
            header: "Type",
            cell: (each) => (each.type === "topic" ? "Topic" : kindOf(each.type).label),
          },
          { id: "target", header: "To", cell: targetOf },
          {
            id: "resolved",
            header: "Hears the end",
            cell: (each) => (each.sends_resolved ? "yes" : "no"),
          },
          {
            id: "actions",
            header: "Actions",
            cell: (each) => (
              <SpaceBetween direction="horizontal" size="xs">
                <TestButton channel={each} />
                {each.type !== "topic" && (
                  <RoleButton
                    needs="admin"
                    variant="inline-link"
                    ariaLabel={`Change ${each.name}`}
                    onClick={() => props.onEdit(each)}
                  >
                    Change
                  </RoleButton>
                )}
                {each.type === "webhook" && (
                  <RoleButton
                    needs="admin"
                    variant="inline-link"
                    ariaLabel={`New secret for ${each.name}`}
                    onClick={() => setAsked({ channel: each, action: "rotate" })}
                  >
                    New secret
                  </RoleButton>
                )}
                {each.type !== "topic" && (
                  <RoleButton
                    needs="admin"
                    variant="inline-link"
                    ariaLabel={`Delete ${each.name}`}
                    onClick={() => setAsked({ channel: each, action: "delete" })}
                  >
                    Delete
                  </RoleButton>
                )}
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
              ? `A new secret for ${asked.channel.name}`
              : `Delete ${asked.channel.name}`
          }
          consequence={
            asked.action === "rotate"
              ? "Requests are signed with both secrets for a day, then with the new one alone."
              : "Nobody is told here any more. Routes and alerts that name it must name another one first."
          }
          action={asked.action === "rotate" ? "Make a new secret" : "Delete"}
          onClose={() => setAsked(null)}
          onConfirm={() => act(asked)}
        />
      )}
    </>
  );
}

/** Sends a test, and tells what the receiver said. */
function TestButton(props: { channel: Channel }) {
  const { channel } = props;
  const api = useApi();
  const toasts = useToasts();
  const test = useMutation({
    mutationFn: () =>
      body(api.POST("/api/channels/{id}/test", { params: { path: { id: channel.id } } })),
    onSuccess: (result) => {
      if (result.delivered) {
        toasts.success(
          `The test reached ${channel.name} in ${result.duration_ms} ms.${result.note == null ? "" : ` ${result.note}`}`,
        );
      } else {
        toasts.error(
          `The test did not reach ${channel.name}`,
          new Error(result.error ?? `It answered ${result.status}.`),
        );
      }
    },
    onError: (error) => toasts.error(`No test was sent to ${channel.name}`, error),
  });
  return (
    <RoleButton
      needs="admin"
      variant="inline-link"
      ariaLabel={`Test ${channel.name}`}
      loading={test.isPending}
      onClick={() => test.mutate()}
    >
      Test
    </RoleButton>
  );
}
