import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiProblem } from "~/api/problem";
import { ConfirmDialog } from "~/ui/confirm";
import { useDraft } from "~/ui/draft";
import { useShortcut } from "~/ui/keys";
import { Page } from "~/ui/page";
import { Empty, Failure } from "~/ui/states";
import { useToasts } from "~/ui/toasts";
import { UnsavedGuard } from "~/ui/unsaved-guard";
import { Board } from "./board";
import { ConflictDialog } from "./conflict-dialog";
import { CreateDialog } from "./create-dialog";
import { storedNow, useDashboardActions } from "./data";
import {
  newPanel,
  remembered,
  tidied,
  type Work,
  withDuplicate,
  withoutPanel,
  withPanel,
  workOn,
} from "./editing-state";
import {
  type Content,
  type Dashboard,
  LIMITS,
  PANEL_KINDS,
  type Panel,
  type PanelType,
} from "./model";
import { PanelEditor } from "./panel-editor";
import { PanelMenu } from "./panel-menu";
import { copyName } from "./rows";
import type { Search } from "./search";
import { SettingsDialog } from "./settings-dialog";

interface EditingProps {
  readonly stored: Dashboard;
  readonly search: Search;
  /** The dashboard is to be looked at again. */
  readonly onDone: () => void;
}

/** A dashboard that is being changed: nobody else sees it until it is saved. */
export function Editing(props: EditingProps) {
  const { stored, search, onDone } = props;
  const { id } = stored;
  const draft = useDraft<Work>(`dashboard ${id}`, workOn(stored));
  const { content, version, base } = draft.value;
  const actions = useDashboardActions();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [past, setPast] = useState<readonly Content[]>([]);
  const [panel, setPanel] = useState<Panel | null>(null);
  const [asked, setAsked] = useState<"settings" | "copy" | "discard" | null>(null);
  const [other, setOther] = useState<Dashboard | null>(null);
  const [failure, setFailure] = useState<unknown>(null);

  function change(next: Content) {
    setPast((before) => remembered(before, content));
    draft.set((work) => ({ ...work, content: next }));
  }
  function undo() {
    const before = past.at(-1);
    if (before !== undefined) {
      setPast(past.slice(0, -1));
      draft.set((work) => ({ ...work, content: before }));
    }
  }
  useShortcut("mod+z", "Undo the last change", undo);

  function leave(next: Dashboard) {
    draft.set(workOn(next));
    draft.clear();
    onDone();
  }
  async function save(at: number) {
    setFailure(null);
    try {
      const saved = await actions.save.mutateAsync({ id, version: at, content: tidied(content) });
      toasts.success(`${saved.content.name} is saved`);
      leave(saved);
    } catch (error) {
      const current = storedNow(error);
      setOther(current);
      setFailure(current === null ? error : null);
    }
  }

  const newer = stored.version > version ? stored : null;
  const full = content.panels.length >= LIMITS.panels;
  return (
    <Page
      title={content.name}
      description={draft.changed ? "Not saved yet." : "Nothing is changed yet."}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <ButtonDropdown
            items={Object.entries(PANEL_KINDS).map(([type, each]) => ({
              id: type,
              text: each.label,
              description: each.about,
            }))}
            disabled={full}
            {...(full && { disabledReason: `A dashboard has at most ${LIMITS.panels} panels.` })}
            onItemClick={({ detail }) => setPanel(newPanel(content, detail.id as PanelType))}
          >
            Add panel
          </ButtonDropdown>
          <Button iconName="settings" onClick={() => setAsked("settings")}>
            Settings
          </Button>
          <Button
            iconName="undo"
            ariaLabel="Undo"
            disabled={past.length === 0}
            disabledReason="Nothing to undo."
            onClick={undo}
          />
          <Button onClick={() => (draft.changed ? setAsked("discard") : onDone())}>
            {draft.changed ? "Discard" : "Close"}
          </Button>
          <Button
            variant="primary"
            loading={actions.save.isPending}
            loadingText="Saving"
            disabled={!draft.changed}
            disabledReason="Nothing is changed yet."
            onClick={() => void save(version)}
          >
            Save
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="m">
        {draft.restored && draft.changed && (
          <Alert type="info">
            This is what you had begun. Save it, or discard it to see what is stored.
          </Alert>
        )}
        {newer && (
          <Alert type="warning" action={<Button onClick={() => setOther(newer)}>Compare</Button>}>
            Somebody saved this dashboard since you began.
          </Alert>
        )}
        {failure !== null && <NotSaved error={failure} onCopy={() => setAsked("copy")} />}
        <Board
          id={id}
          content={content}
          search={search}
          onArrange={(panels) => change({ ...content, panels })}
          actions={(each) => (
            <PanelMenu
              panel={each}
              items={[
                { id: "edit", text: "Edit", run: () => setPanel(each) },
                {
                  id: "copy",
                  text: "Duplicate",
                  disabled: full,
                  run: () => change(withDuplicate(content, each.id)),
                },
                {
                  id: "remove",
                  text: "Remove",
                  run: () => change(withoutPanel(content, each.id)),
                },
              ]}
            />
          )}
          empty={<Empty title="No panels yet">Add one: a line chart is a good start.</Empty>}
        />
      </SpaceBetween>
      {panel && (
        <PanelEditor
          key={panel.id}
          panel={panel}
          variables={content.variables}
          search={search}
          range={content.range}
          onDone={(next) => {
            change(withPanel(content, next));
            setPanel(null);
          }}
          onClose={() => setPanel(null)}
        />
      )}
      {asked === "settings" && (
        <SettingsDialog
          content={content}
          onDone={(next) => {
            change(next);
            setAsked(null);
          }}
          onClose={() => setAsked(null)}
        />
      )}
      {asked === "copy" && (
        <CreateDialog
          title="Save yours as another dashboard"
          content={tidied({ ...content, name: copyName(content.name) })}
          create={actions.create.mutateAsync}
          onClose={() => setAsked(null)}
          onCreated={(made) => {
            draft.discard();
            toasts.success(`${made.content.name} is made`);
            void navigate({ to: "/dashboards/$id", params: { id: made.id } });
          }}
        />
      )}
      {other && asked === null && (
        <ConflictDialog
          base={base}
          mine={content}
          began={version}
          other={other}
          onCombine={(combined) => {
            setPast((before) => remembered(before, content));
            draft.set({ ...workOn(other), content: combined });
            setOther(null);
            toasts.info("Both are put together. Look at it, then save.");
          }}
          onOverwrite={() => {
            setOther(null);
            void save(other.version);
          }}
          onCopy={() => setAsked("copy")}
          onDiscard={() => leave(other)}
          onClose={() => setOther(null)}
        />
      )}
      {asked === "discard" && (
        <ConfirmDialog
          title="Discard your changes?"
          consequence="The dashboard stays as it was saved last. What you changed since is lost."
          action="Discard changes"
          onConfirm={() => {
            draft.discard();
            onDone();
          }}
          onClose={() => setAsked(null)}
        />
      )}
      <UnsavedGuard draft={draft} />
    </Page>
  );
}

/** Why it is not saved; where the dashboard is gone, what can be done with the work. */
function NotSaved(props: { error: unknown; onCopy: () => void }) {
  const { error } = props;
  const gone = error instanceof ApiProblem && error.status === 404;
  if (!gone) {
    return <Failure error={error} what="It is not saved" />;
  }
  return (
    <Alert
      type="error"
      header="It is not saved: somebody deleted this dashboard"
      action={<Button onClick={props.onCopy}>Save yours as another one</Button>}
    >
      Your changes are still here.
    </Alert>
  );
}
