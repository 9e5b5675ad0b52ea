import "../alerts.css";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import { useRefusal } from "~/auth/session";
import { RoleButton } from "~/ui/disabled-button";
import { useDraft } from "~/ui/draft";
import { Page } from "~/ui/page";
import { useToasts } from "~/ui/toasts";
import { UnsavedGuard } from "~/ui/unsaved-guard";
import { useBacktests } from "../backtests";
import { mineOnTop, same } from "../conflict";
import { draftOf, submission, withKind } from "../draft";
import { rulesOf } from "../evaluation/rules";
import { suggested } from "../lines";
import type { AlertDraft, Kind, Alert as Stored } from "../model";
import type { Watched } from "../series";
import { firesWhen } from "../words";
import { AdvancedSection } from "./advanced-section";
import { CompositeSection } from "./composite-section";
import { ConditionSection } from "./condition-section";
import { ConflictDialog } from "./conflict-dialog";
import { Counts } from "./counts";
import { type Form, FormProvider } from "./form";
import { Moving } from "./moving";
import { NameField, PeopleSection } from "./people-section";
import { Preview } from "./preview";
import { Refusals } from "./refusals";
import { WatchSection } from "./watch-section";

const KINDS: readonly { readonly id: Kind; readonly text: string }[] = [
  { id: "metric", text: "A metric's values" },
  { id: "heartbeat", text: "Silence (heartbeat)" },
  { id: "composite", text: "Other alerts" },
];

/** What is edited: the draft, and the stored version that it began with (null for a new alert). */
interface Edited {
  readonly draft: AlertDraft;
  readonly base: AlertDraft;
  readonly version: number | null;
}

interface Conflicting {
  readonly theirs: AlertDraft;
  readonly version: number;
}

/** Saves an edit; a version that somebody else made meanwhile is shown, never overwritten. */
function useSaving(id: string | null, edited: Edited, saved: (alert: Stored) => void) {
  const api = useApi();
  const client = useQueryClient();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [conflict, setConflict] = useState<Conflicting | null>(null);

  const send = (): Promise<Stored> => {
    const sent = { body: submission(edited.draft) };
    if (id === null) {
      return body(api.POST("/api/alerts", sent));
    }
    const header = { "If-Match": `"${edited.version ?? 0}"` };
    return body(api.PUT("/api/alerts/{id}", { params: { path: { id }, header }, ...sent }));
  };
  const save = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const alert = await send();
      await client.invalidateQueries({ queryKey: ["alerts"] });
      saved(alert);
    } catch (error) {
      if (!(error instanceof ApiProblem)) {
        throw error;
      }
      if (error.status === 412 && id !== null) {
        const theirs: Stored = await body(
          api.GET("/api/alerts/{id}", { params: { path: { id } } }),
        );
        setConflict({ theirs: draftOf(theirs), version: theirs.version });
      } else {
        setProblem(error);
      }
    } finally {
      setBusy(false);
    }
  };
  const start = () =>
    void save().catch((error: unknown) => toasts.error("The alert was not saved", error));
  return { busy, problem, conflict, save: start, settle: () => setConflict(null) };
}

/** The form in which an alert is made or changed, around the chart that it is shaped on. */
export function Editor(props: { id: string | null; stored: Stored | null; begin: AlertDraft }) {
  const { id, stored, begin } = props;
  const navigate = useNavigate();
  const toasts = useToasts();
  const refused = useRefusal("editor");
  // What a link hands over is another draft than the one that was left lying.
  const key = id === null ? `alert new ${JSON.stringify(begin)}` : `alert ${id}`;
  const edited = useDraft<Edited>(key, {
    draft: begin,
    base: begin,
    version: stored?.version ?? null,
  });
  const { draft, base } = edited.value;
  const [moving] = useState(() => new Moving());
  const [watched, setWatched] = useState<Watched | null>(null);
  const open = (alert: string) =>
    void navigate({ to: "/alerts/$id", params: { id: alert }, search: { last: 10_800 } });
  const saving = useSaving(id, edited.value, (alert) => {
    edited.clear();
    toasts.success(id === null ? "Alert made" : "Alert saved");
    open(alert.id);
  });
  const { set: put } = edited;
  const set = useCallback(
    (change: (before: AlertDraft) => AlertDraft) =>
      put((before) => ({ ...before, draft: change(before.draft) })),
    [put],
  );
  const tried = useBacktests(draft, id);
  const onData = useSuggestion(set, setWatched);
  const form = useMemo(
    (): Form => ({
      draft,
      set,
      wrong: (field) => saving.problem?.of(field),
      moving,
      unit: watched?.unit ?? null,
    }),
    [draft, set, saving.problem, moving, watched],
  );
  const kind = draft.type ?? "metric";
  const { conflict } = saving;
  return (
    <FormProvider value={form}>
      <UnsavedGuard draft={edited} />
      <Page
        title={id === null ? "New alert" : `Edit ${stored?.name ?? "alert"}`}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              variant="link"
              onClick={() => (id === null ? void navigate({ to: "/alerts" }) : open(id))}
            >
              Cancel
            </Button>
            <RoleButton
              needs="editor"
              variant="primary"
              loading={saving.busy}
              onClick={saving.save}
            >
              {id === null ? "Make the alert" : "Save"}
            </RoleButton>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          {refused !== null && (
            <Alert type="info" header="You can try, not save">
              {refused}
            </Alert>
          )}
          {edited.restored && edited.changed && (
            <Alert
              type="info"
              header="Your draft is back"
              action={<Button onClick={edited.discard}>Discard it</Button>}
            >
              It was not saved yet.
            </Alert>
          )}
          <Refusals problem={saving.problem} />
          <Container>
            <SpaceBetween size="m">
              <NameField />
              <FormField label="It watches">
                <SegmentedControl
                  label="What the alert watches"
                  selectedId={kind}
                  options={KINDS}
                  onChange={({ detail }) =>
                    set((before) => withKind(before, detail.selectedId as Kind))
                  }
                />
              </FormField>
              {kind === "composite" ? <CompositeSection /> : <WatchSection />}
            </SpaceBetween>
          </Container>
          <Container header={<Header variant="h2">When it fires</Header>}>
            <SpaceBetween size="l">
              {kind === "composite" ? (
                <b>{firesWhen(draft)}</b>
              ) : (
                <Preview tried={tried} onData={onData} />
              )}
              <Counts tried={tried} />
              {kind === "metric" && <ConditionSection />}
            </SpaceBetween>
          </Container>
          <Container header={<Header variant="h2">Who hears of it</Header>}>
            <PeopleSection />
          </Container>
          {kind !== "composite" && <AdvancedSection />}
        </SpaceBetween>
      </Page>
      {conflict !== null && (
        <ConflictDialog
          base={base}
          mine={draft}
          theirs={conflict.theirs}
          version={conflict.version}
          onTheirs={() => {
            const { theirs, version: next } = conflict;
            put({ draft: theirs, base: theirs, version: next });
            saving.settle();
          }}
          onMine={() => {
            const { theirs, version: next } = conflict;
            put({ draft: mineOnTop(base, draft, theirs), base: theirs, version: next });
            saving.settle();
          }}
          onClose={saving.settle}
        />
      )}
    </FormProvider>
  );
}

/**
 * The first data of a metric put a line beyond them, where no threshold was said yet; another metric's
 * data move it as long as nobody has.
 */
function useSuggestion(set: Form["set"], keep: (watched: Watched) => void) {
  const offered = useRef<{ key: string; limits: unknown } | null>(null);
  return useCallback(
    (watched: Watched) => {
      keep(watched);
      set((before) => {
        const key = `${before.metric} ${before.statistic} ${before.comparison}`;
        const last = offered.current;
        const untouched = last !== null && last.key !== key && same(last.limits, limitsOf(before));
        const isOpen = (before.type ?? "metric") === "metric" && rulesOf(before) === null;
        if (last?.key === key || !(isOpen || untouched)) {
          return before;
        }
        const bare = { ...before, threshold: null, lower: null, upper: null };
        const found = suggested(untouched ? bare : before, watched.series, watched.unit);
        if (found === null) {
          return before;
        }
        offered.current = { key, limits: limitsOf(found) };
        return found;
      });
    },
    [set, keep],
  );
}

function limitsOf({ threshold, lower, upper }: AlertDraft): unknown {
  return { threshold, lower, upper };
}
