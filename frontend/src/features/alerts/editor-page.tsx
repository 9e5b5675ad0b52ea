import { useParams, useSearch } from "@tanstack/react-router";
import { Page } from "~/ui/page";
import { Failure, Loading } from "~/ui/states";
import { useAlert } from "./data";
import { draftFromLink, draftOf } from "./draft";
import { Editor } from "./editor/editor";

function ExistingAlert(props: { id: string }) {
  // As it is now; then the form keeps what it began with, and what others save is told on saving.
  const alert = useAlert(props.id, false);
  if (alert.data === undefined || !alert.isFetchedAfterMount) {
    return (
      <Page title="Edit alert">
        {alert.isPending || !alert.isFetchedAfterMount ? (
          <Loading what="the alert" height={600} />
        ) : (
          <Failure
            error={alert.error}
            what="The alert could not be read"
            onRetry={() => void alert.refetch()}
          />
        )}
      </Page>
    );
  }
  return <Editor id={props.id} stored={alert.data} begin={draftOf(alert.data)} />;
}

/** /alerts/new, with the draft that a link carries, and /alerts/{id}/edit. */
export function AlertEditorPage() {
  const { id } = useParams({ strict: false });
  const { draft } = useSearch({ strict: false });
  if (id !== undefined) {
    return <ExistingAlert key={id} id={id} />;
  }
  return <Editor id={null} stored={null} begin={draftFromLink(draft)} />;
}
