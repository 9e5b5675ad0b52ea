import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import Toggle from "@cloudscape-design/components/toggle";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { ConfirmDialog } from "~/ui/confirm";
import { RoleButton } from "~/ui/disabled-button";
import { allInWords, parseMatchers } from "~/ui/matchers/matcher";
import { Page } from "~/ui/page";
import { Empty, Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { useToasts } from "~/ui/toasts";
import { ruleInWords, type Silence } from "./draft";
import { SilenceForm } from "./silence-form";

const STATUS = { active: "success", pending: "pending", ended: "stopped" } as const;

/** What is not told, and until when. */
export function SilencesPage() {
  const { matchers } = useSearch({ from: "/silences" });
  const navigate = useNavigate();
  const begun = matchers === undefined ? null : parseMatchers(matchers);
  const [editing, setEditing] = useState<Silence | "new" | null>(null);
  const open = editing !== null || begun !== null;
  return (
    <Page
      title="Silences"
      description="Nobody is told what a silence covers. Alerts go on, and what still fires when a silence ends is told then."
      actions={
        <RoleButton needs="editor" variant="primary" onClick={() => setEditing("new")}>
          New silence
        </RoleButton>
      }
    >
      <List onEdit={setEditing} />
      {open && (
        <SilenceForm
          key={editing === null || editing === "new" ? "new" : editing.id}
          silence={editing === "new" ? null : editing}
          matchers={begun ?? []}
          onClose={() => {
            setEditing(null);
            void navigate({ to: "/silences", search: {} });
          }}
        />
      )}
    </Page>
  );
}

function List(props: { onEdit: (silence: Silence) => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [withEnded, setWithEnded] = useState(false);
  const [ending, setEnding] = useState<Silence | null>(null);
  const found = usePages(
    ["silences"],
    (cursor, signal) =>
      body(
        api.GET("/api/silences", {
          params: { query: cursor === undefined ? {} : { cursor } },
          signal,
        }),
      ),
    { refetchInterval: 30_000 },
  );
  const all = found.pages.flatMap((page) => page.silences);
  const shown = withEnded ? all : all.filter((each) => each.state !== "ended");
  if (all.length === 0 && found.error != null) {
    return <Failure error={found.error} what="Silences" onRetry={found.refetch} />;
  }
  async function end(silence: Silence) {
    await api.DELETE("/api/silences/{id}", { params: { path: { id: silence.id } } });
    toasts.success("The silence has ended. What still fires is told now.");
    await queries.invalidateQueries({ queryKey: ["silences"] });
  }
  return (
    <>
      <Table
        items={shown}
        trackBy="id"
        loading={found.isPending}
        loadingText="Loading silences"
        wrapLines
        ariaLabels={{ tableLabel: "Silences" }}
        header={
          <Header
            variant="h2"
            actions={
              <Toggle checked={withEnded} onChange={({ detail }) => setWithEnded(detail.checked)}>
                Show ended ones
              </Toggle>
            }
          >
            Silences
          </Header>
        }
        empty={<Empty title="Nothing is silenced">Everybody is told of everything.</Empty>}
        columnDefinitions={[
          {
            id: "state",
            header: "State",
            cell: (each) => (
              <StatusIndicator type={STATUS[each.state]}>{each.state}</StatusIndicator>
            ),
          },
          {
            id: "matchers",
            header: "What",
            isRowHeader: true,
            cell: (each) => allInWords(each.matchers),
          },
          { id: "when", header: "When", cell: (each) => <When silence={each} /> },
          { id: "why", header: "Why", cell: (each) => each.comment },
          {
            id: "actions",
            header: "Actions",
            cell: (each) =>
              each.state !== "ended" && (
                <SpaceBetween direction="horizontal" size="xs">
                  <RoleButton
                    needs="editor"
                    variant="inline-link"
                    ariaLabel={`Change the silence of ${allInWords(each.matchers)}`}
                    onClick={() => props.onEdit(each)}
                  >
                    Change
                  </RoleButton>
                  <RoleButton
                    needs="editor"
                    variant="inline-link"
                    ariaLabel={`End the silence of ${allInWords(each.matchers)}`}
                    onClick={() => setEnding(each)}
                  >
                    End
                  </RoleButton>
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
      {ending !== null && (
        <ConfirmDialog
          title="End the silence"
          consequence={`Whatever fires of ${allInWords(ending.matchers)} is told at once.`}
          action="End"
          onClose={() => setEnding(null)}
          onConfirm={() => end(ending)}
        />
      )}
    </>
  );
}

function When(props: { silence: Silence }) {
  const { silence } = props;
  const end = silence.ended_at ?? silence.ends_at;
  if (silence.until_resolved) {
    return (
      <>
        until resolved{" "}
        {end !== null && (
          <>
            , at the latest <Time at={end} />
          </>
        )}
      </>
    );
  }
  if (silence.rrule !== null) {
    const next = silence.windows[0];
    return (
      <>
        {ruleInWords(silence.rrule)}, {(silence.duration ?? 0) / 3600} h (
        {silence.time_zone ?? "UTC"})
        {next !== undefined && (
          <>
            ; next <Time at={next.start} />
          </>
        )}
      </>
    );
  }
  return (
    <>
      <Time at={silence.starts_at} /> – {end === null ? "open" : <Time at={end} />}
    </>
  );
}
