import "./dashboards.css";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "~/ui/confirm";
import { RoleButton } from "~/ui/disabled-button";
import { Page } from "~/ui/page";
import { Failure } from "~/ui/states";
import { useToasts } from "~/ui/toasts";
import { CreateDialog } from "./create-dialog";
import { type Row, useDashboardActions, useDashboards } from "./data";
import { download } from "./download";
import { ImportDialog } from "./import-dialog";
import { ListTable } from "./list-table";
import type { Content } from "./model";
import { ReadyMadeList } from "./ready-made-list";
import { copyName } from "./rows";
import type { Search } from "./search";

const NEW: Content = {
  name: "",
  description: "",
  variables: [],
  range: { last: 3_600 },
  panels: [],
};

/** What is being named: a new dashboard, or a copy. */
interface Making {
  readonly title: string;
  readonly content: Content;
}

/** The tenant's dashboards, and those that come with the console. */
export function DashboardsPage() {
  const found = useDashboards();
  const actions = useDashboardActions();
  const navigate = useNavigate();
  const toasts = useToasts();
  const [making, setMaking] = useState<Making | null>(null);
  const [importing, setImporting] = useState(false);
  const [deleting, setDeleting] = useState<Row | null>(null);
  const [deleted, setDeleted] = useState<Row | null>(null);

  async function withContent(row: Row, use: (content: Content) => void) {
    try {
      use(await actions.read(row.id));
    } catch (error) {
      toasts.error(`${row.name} could not be read`, error);
    }
  }
  const copy = (content: Content) =>
    setMaking({
      title: `Copy ${content.name}`,
      content: { ...content, name: copyName(content.name) },
    });

  return (
    <Page
      title="Dashboards"
      description="What your team looks at. Made once, opened by anybody in the tenant."
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <RoleButton needs="editor" iconName="upload" onClick={() => setImporting(true)}>
            Import
          </RoleButton>
          <RoleButton
            needs="editor"
            variant="primary"
            onClick={() => setMaking({ title: "Create a dashboard", content: NEW })}
          >
            Create dashboard
          </RoleButton>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {deleted && (
          <Deleted
            row={deleted}
            onRestore={async () => {
              const { id, version } = deleted;
              try {
                await actions.restore.mutateAsync({ id, wanted: version, version });
                toasts.success(`${deleted.name} is there again`);
                setDeleted(null);
              } catch (error) {
                toasts.error(`${deleted.name} was not restored`, error);
              }
            }}
            onClose={() => setDeleted(null)}
          />
        )}
        {found.data === undefined && found.error !== null ? (
          <Failure error={found.error} what="Dashboards" onRetry={() => void found.refetch()} />
        ) : (
          <ListTable
            query={found}
            onCopy={(row) => void withContent(row, copy)}
            onExport={(row) => void withContent(row, download)}
            onDelete={setDeleting}
          />
        )}
        <ReadyMadeList onCopy={copy} />
      </SpaceBetween>
      {importing && (
        <ImportDialog
          onClose={() => setImporting(false)}
          create={actions.create.mutateAsync}
          onCreated={(made) => void navigate({ to: "/dashboards/$id", params: { id: made.id } })}
        />
      )}
      {making && (
        <CreateDialog
          title={making.title}
          content={making.content}
          create={actions.create.mutateAsync}
          onClose={() => setMaking(null)}
          onCreated={(made) => {
            const edit: Search = made.content.panels.length === 0 ? { edit: true } : {};
            void navigate({ to: "/dashboards/$id", params: { id: made.id }, search: edit });
          }}
        />
      )}
      {deleting && (
        <ConfirmDialog
          title={`Delete ${deleting.name}?`}
          consequence="Nobody in the tenant sees it any more. For 90 days it can be restored."
          action="Delete"
          onConfirm={async () => {
            await actions.remove.mutateAsync(deleting.id);
            actions.forget(deleting.id);
            setDeleted(deleting);
          }}
          onClose={() => setDeleting(null)}
        />
      )}
    </Page>
  );
}

function Deleted(props: { row: Row; onRestore: () => Promise<void>; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  return (
    <div role="status">
      <Alert
        type="success"
        dismissible
        dismissAriaLabel="Close"
        onDismiss={props.onClose}
        action={
          <Button
            loading={busy}
            onClick={() => {
              setBusy(true);
              void props.onRestore().finally(() => setBusy(false));
            }}
          >
            Restore
          </Button>
        }
      >
        {props.row.name} is deleted.
      </Alert>
    </div>
  );
}
