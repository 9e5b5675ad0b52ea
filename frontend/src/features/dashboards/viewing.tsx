import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useRefusal } from "~/auth/session";
import { ConfirmDialog } from "~/ui/confirm";
import { CopyText } from "~/ui/copy-text";
import { RoleButton } from "~/ui/disabled-button";
import { Page } from "~/ui/page";
import { Stale } from "~/ui/stale";
import { Empty } from "~/ui/states";
import { Time } from "~/ui/time";
import { useToasts } from "~/ui/toasts";
import { Board } from "./board";
import { CreateDialog } from "./create-dialog";
import { type Opened, useDashboardActions } from "./data";
import { download } from "./download";
import { exploreSearch } from "./explore-link";
import { PANEL_KINDS, type Panel } from "./model";
import { PanelMenu } from "./panel-menu";
import { copyName } from "./rows";
import { rangeOf, type Search } from "./search";
import { choicesOf, substituted } from "./substitution";
import { VersionsDialog } from "./versions-dialog";
import { Who } from "./who";

interface ViewingProps {
  readonly id: string;
  readonly opened: Opened;
  readonly query: UseQueryResult<Opened>;
  readonly search: Search;
}

/** A dashboard as everybody sees it. */
export function Viewing(props: ViewingProps) {
  const { id, opened, search } = props;
  const { content, stored } = opened;
  const refused = useRefusal("editor");
  const navigate = useNavigate();
  const toasts = useToasts();
  const actions = useDashboardActions();
  const [asked, setAsked] = useState<"copy" | "delete" | "versions" | null>(null);
  const close = () => setAsked(null);
  const forEditors = refused === null ? {} : { disabled: true, disabledReason: refused };

  const panelActions = (panel: Panel) => (
    <PanelMenu
      panel={panel}
      items={[
        {
          id: "whole",
          text: "Fill the window",
          run: () => go({ ...search, panel: panel.id }),
        },
        ...(PANEL_KINDS[panel.type].queries
          ? [{ id: "explore", text: "Open in Explore", run: () => explore(panel) }]
          : []),
      ]}
    />
  );
  const go = (next: Search) =>
    void navigate({ to: "/dashboards/$id", params: { id }, search: next });
  const explore = (panel: Panel) => {
    const found = substituted(panel.queries, choicesOf(content.variables, search.vars ?? {}));
    if ("refused" in found) {
      toasts.error("Explore cannot show it", new Error(found.refused));
      return;
    }
    const range = rangeOf(search, content.range);
    void navigate({ to: "/explore", search: exploreSearch(found.queries, range) });
  };

  return (
    <Page
      title={content.name}
      description={<Description opened={opened} />}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyText text={location.href} what="link" variant="button" />
          {stored === null ? (
            <RoleButton needs="editor" variant="primary" onClick={() => setAsked("copy")}>
              Copy to change
            </RoleButton>
          ) : (
            <RoleButton
              needs="editor"
              variant="primary"
              onClick={() => go({ ...search, edit: true })}
            >
              Edit
            </RoleButton>
          )}
          <ButtonDropdown
            ariaLabel="More actions"
            items={[
              { id: "export", text: "Export" },
              ...(stored === null
                ? []
                : [
                    { id: "copy", text: "Duplicate", ...forEditors },
                    { id: "versions", text: "Versions" },
                    { id: "delete", text: "Delete", ...forEditors },
                  ]),
            ]}
            onItemClick={({ detail }) =>
              detail.id === "export" ? download(content) : setAsked(detail.id as typeof asked)
            }
          >
            More
          </ButtonDropdown>
        </SpaceBetween>
      }
    >
      <Stale query={props.query} what="this dashboard" />
      <Board
        id={id}
        content={content}
        search={search}
        actions={panelActions}
        empty={
          <Empty
            title="This dashboard has no panels yet"
            action={
              refused === null && (
                <Button onClick={() => go({ ...search, edit: true })}>Add the first one</Button>
              )
            }
          >
            {refused}
          </Empty>
        }
      />
      {asked === "copy" && (
        <CreateDialog
          title={`Copy ${content.name}`}
          content={{ ...content, name: stored === null ? content.name : copyName(content.name) }}
          create={actions.create.mutateAsync}
          onClose={close}
          onCreated={(made) => {
            close();
            toasts.success(`${made.content.name} is made`);
            void navigate({ to: "/dashboards/$id", params: { id: made.id }, search });
          }}
        />
      )}
      {asked === "versions" && stored && (
        <VersionsDialog id={id} onClose={close} onRestored={close} />
      )}
      {asked === "delete" && (
        <ConfirmDialog
          title={`Delete ${content.name}?`}
          consequence="Nobody in the tenant sees it any more. For 90 days it can be restored."
          action="Delete"
          onConfirm={async () => {
            await actions.remove.mutateAsync(id);
            toasts.success(`${content.name} is deleted`);
            await navigate({ to: "/dashboards" });
            actions.forget(id);
          }}
          onClose={close}
        />
      )}
    </Page>
  );
}

function Description(props: { opened: Opened }) {
  const { content, stored } = props.opened;
  return (
    <>
      {content.description !== "" && <span>{content.description} </span>}
      {stored === null ? (
        <i>It comes with Skafu.</i>
      ) : (
        <>
          Changed <Time at={stored.updatedAt} /> by <Who id={stored.updatedBy} />
        </>
      )}
    </>
  );
}
