import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import type { components } from "~/api/schema";
import { type Role, useRefusal, useSession } from "~/auth/session";
import { ConfirmDialog } from "~/ui/confirm";
import { RoleButton } from "~/ui/disabled-button";
import { Page } from "~/ui/page";
import { Empty, Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { useToasts } from "~/ui/toasts";
import { InviteDialog } from "./invite-dialog";
import { type Action, actionsOf, consequence, ROLES, sentence } from "./wording";

export type Member = components["schemas"]["MemberOut"];

const STATUS = { invited: "pending", active: "success", disabled: "stopped" } as const;

/** Who belongs to the tenant, with which role. */
export function MembersPage() {
  const [inviting, setInviting] = useState(false);
  return (
    <Page
      title="Members"
      description="People who can sign in to this tenant. Viewers look, editors change alerts and dashboards, admins also manage members, clients and channels."
      actions={
        <RoleButton needs="admin" variant="primary" onClick={() => setInviting(true)}>
          Invite a member
        </RoleButton>
      }
    >
      <List />
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  );
}

function List() {
  const api = useApi();
  const { id: me } = useSession();
  const refused = useRefusal("admin");
  const found = usePages(["members"], (cursor, signal) =>
    body(
      api.GET("/api/members", {
        params: { query: cursor === undefined ? {} : { cursor } },
        signal,
      }),
    ),
  );
  const [asked, setAsked] = useState<{ member: Member; action: Action } | null>(null);
  const change = useChange();
  const members = found.pages.flatMap((page) => page.members);
  if (members.length === 0 && found.error != null) {
    return <Failure error={found.error} what="Members" onRetry={found.refetch} />;
  }
  const ask = (member: Member, action: Action) =>
    consequence(action) === null ? change.mutate({ member, action }) : setAsked({ member, action });
  return (
    <>
      <Table
        items={members}
        trackBy="id"
        loading={found.isPending}
        loadingText="Loading members"
        ariaLabels={{ tableLabel: "Members" }}
        header={
          <Header variant="h2" counter={`(${members.length}${found.hasMore ? "+" : ""})`}>
            Members
          </Header>
        }
        empty={<Empty title="Nobody is here yet" />}
        columnDefinitions={[
          {
            id: "who",
            header: "Who",
            isRowHeader: true,
            cell: (each) => (
              <>
                {each.name ?? each.email ?? each.id}
                {each.id === me && " (you)"}
                {each.name != null && each.email != null && (
                  <Box variant="small" display="block">
                    {each.email}
                  </Box>
                )}
              </>
            ),
          },
          { id: "role", header: "Role", cell: (each) => each.role },
          {
            id: "status",
            header: "Status",
            cell: (each) => (
              <StatusIndicator type={STATUS[each.status]}>{each.status}</StatusIndicator>
            ),
          },
          { id: "since", header: "Since", cell: (each) => <Time at={each.created} /> },
          {
            id: "actions",
            header: "Actions",
            cell: (each) => (
              <ButtonDropdown
                disabled={refused !== null}
                {...(refused === null ? {} : { disabledReason: refused })}
                variant="inline-icon"
                expandToViewport
                ariaLabel={`Change ${each.email ?? each.id}`}
                items={actionsOf(each).map((action) => ({ id: action, text: sentence(action) }))}
                onItemClick={({ detail }) => ask(each, detail.id as Action)}
              />
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
          title={`${sentence(asked.action)}: ${asked.member.email ?? asked.member.id}`}
          consequence={consequence(asked.action) ?? ""}
          action={sentence(asked.action)}
          onClose={() => setAsked(null)}
          onConfirm={() => change.mutateAsync(asked)}
        />
      )}
    </>
  );
}

function useChange() {
  const api = useApi();
  const client = useQueryClient();
  const toasts = useToasts();
  return useMutation({
    mutationFn: async ({ member, action }: { member: Member; action: Action }) => {
      const path = { id: member.id };
      if (action === "invite") {
        await body(api.POST("/api/members/{id}/invite", { params: { path } }));
      } else if (action === "remove") {
        await api.DELETE("/api/members/{id}", { params: { path } });
      } else {
        const role = ROLES.includes(action as Role) ? (action as Role) : member.role;
        const status = action === "disable" ? "disabled" : "active";
        await body(
          api.PUT("/api/members/{id}", {
            params: { path, header: { "If-Match": `"${member.version}"` } },
            body: { role, status },
          }),
        );
      }
    },
    onSuccess: (_, { member, action }) =>
      toasts.success(`${member.email ?? member.id}: ${sentence(action).toLowerCase()}, done.`),
    onError: (error) => toasts.error("The member stays as they were", error),
    onSettled: () => client.invalidateQueries({ queryKey: ["members"] }),
  });
}
