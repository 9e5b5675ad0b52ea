import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { RoleButton } from "~/ui/disabled-button";
import { useDraft } from "~/ui/draft";
import { Failure } from "~/ui/states";
import { Time } from "~/ui/time";
import { useToasts } from "~/ui/toasts";
import { LIVE_MS, usePeople } from "./data";
import type { Remark, Tags } from "./model";
import { tagsKey } from "./model";

const DONE: Readonly<Record<Remark["action"], string>> = {
  acknowledge: "acknowledged",
  unacknowledge: "took the acknowledgement back",
  assign: "assigned",
  comment: "wrote",
};

/** A tag as the query wants it: everything after the first = is the value. */
export function tagParameters(tags: Tags): string[] {
  return Object.entries(tags).map(([tag, value]) => `${tag}=${value}`);
}

function Line(props: { remark: Remark; name: (id: string | null | undefined) => string }) {
  const { remark, name } = props;
  const who = name(remark.by);
  return (
    <div>
      <Box fontSize="body-s" color="text-body-secondary">
        <b>{who === "you" ? "You" : who}</b> {DONE[remark.action]}
        {remark.action === "assign" &&
          ` ${remark.assignee === null ? "nobody" : name(remark.assignee)}`}{" "}
        <Time at={remark.at} />
      </Box>
      {remark.comment !== "" && <div className="alert-text">{remark.comment}</div>}
    </div>
  );
}

/** What was done and said about an alert, or about one instance of it, and a place to say something. */
export function Remarks(props: { id: string; tags?: Tags; title: string }) {
  const { id } = props;
  // The API has no name for "the instance without tags": it is the alert's only one, so they are one.
  const tags =
    props.tags !== undefined && Object.keys(props.tags).length > 0 ? props.tags : undefined;
  const api = useApi();
  const client = useQueryClient();
  const toasts = useToasts();
  const name = usePeople();
  const key = tags === undefined ? "" : tagsKey(tags);
  const text = useDraft(`remark ${id} ${key}`, "");
  const named = tags === undefined ? {} : { tags: tagParameters(tags) };
  const found = usePages(
    ["alerts", id, "comments", key],
    (cursor, signal) =>
      body(
        api.GET("/api/alerts/{id}/comments", {
          params: { path: { id }, query: { limit: "50", ...named, ...(cursor && { cursor }) } },
          signal,
        }),
      ),
    { refetchInterval: 2 * LIVE_MS },
  );
  const send = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/alerts/{id}/comments", {
          params: { path: { id } },
          body: { comment: text.value.trim(), tags: tags ?? null },
        }),
      ),
    onSuccess: () => {
      text.discard();
      return client.invalidateQueries({ queryKey: ["alerts", id, "comments"] });
    },
    onError: (error) => toasts.error("The comment was not saved", error),
  });
  const remarks = found.pages.flatMap((page) => page.comments);
  return (
    <Container header={<Header variant="h2">{props.title}</Header>}>
      <SpaceBetween size="m">
        <FormField label="Say something" stretch>
          <Textarea
            value={text.value}
            rows={2}
            placeholder="What you know, what you did."
            onChange={({ detail }) => text.set(detail.value)}
          />
        </FormField>
        <RoleButton
          needs="editor"
          loading={send.isPending}
          disabled={text.value.trim() === ""}
          disabledReason="Write something first."
          onClick={() => send.mutate()}
        >
          Comment
        </RoleButton>
        {found.error !== null && (
          <Failure
            error={found.error}
            what="The comments could not be read"
            onRetry={found.refetch}
          />
        )}
        {remarks.map((each) => (
          <Line key={each.id} remark={each} name={name} />
        ))}
        {remarks.length === 0 && !found.isPending && found.error === null && (
          <Box color="text-status-inactive">Nothing was said yet.</Box>
        )}
        {found.hasMore && (
          <Button loading={found.isFetching} onClick={found.more}>
            Load older ones
          </Button>
        )}
      </SpaceBetween>
    </Container>
  );
}
