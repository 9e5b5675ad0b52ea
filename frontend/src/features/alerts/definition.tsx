import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs, {
  type KeyValuePairsProps,
} from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueries } from "@tanstack/react-query";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { formatDuration } from "~/ui/format";
import { inWords } from "~/ui/matchers/matcher";
import { Time } from "~/ui/time";
import { useChannels } from "./data";
import { draftOf } from "./draft";
import type { Alert, Condition } from "./model";
import { namedIn, ruleText } from "./rule-text";
import { firesWhen, furtherWords, watches } from "./words";

/** The alerts that a composite names, by their ids, as far as they are there. */
export function useNames(condition: Condition | null | undefined): ReadonlyMap<string, string> {
  const api = useApi();
  const found = useQueries({
    queries: namedIn(condition).map((id) => ({
      queryKey: ["alerts", id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        body(api.GET("/api/alerts/{id}", { params: { path: { id } }, signal })),
      retry: false,
      staleTime: 60_000,
    })),
  });
  return new Map(found.flatMap(({ data }) => (data ? [[data.id, data.name] as const] : [])));
}

function useChannelNames(ids: readonly string[]): string {
  const channels = useChannels();
  if (ids.length === 0) {
    return "By the routes";
  }
  return ids.map((id) => channels.data?.find((each) => each.id === id)?.name ?? id).join(", ");
}

/** Only addresses of the web become links: all else is shown as it is. */
export function isWebAddress(text: string): boolean {
  try {
    return ["https:", "http:"].includes(new URL(text).protocol);
  } catch {
    return false; // Text that is no address at all.
  }
}

export function Runbook(props: { url: string }) {
  return isWebAddress(props.url) ? (
    <Link href={props.url} external rel="noopener noreferrer" target="_blank">
      {props.url}
    </Link>
  ) : (
    props.url
  );
}

/** What an alert says, in words. */
export function DefinitionWords(props: { alert: Alert; unit: string | null }) {
  const { alert, unit } = props;
  const draft = draftOf(alert);
  const names = useNames(draft.condition);
  const channels = useChannelNames(alert.channels);
  const known = [...names].map(([id, name]) => ({ id, name }));
  const filters = (draft.filters ?? []).map((each) =>
    inWords({ label: each.tag, op: each.op, value: each.value }),
  );
  const items: KeyValuePairsProps.Item[] = [
    { label: "Watches", value: watches(draft) },
    ...(filters.length > 0 ? [{ label: "Only where", value: filters.join(" and ") }] : []),
    { label: "Told to", value: channels },
    ...(alert.runbook_url
      ? [{ label: "Runbook", value: <Runbook url={alert.runbook_url} /> }]
      : []),
    ...(Object.keys(alert.labels).length > 0
      ? [
          {
            label: "Labels",
            value: Object.entries(alert.labels)
              .map(([label, value]) => `${label}=${value}`)
              .join(", "),
          },
        ]
      : []),
    ...(alert.type === "composite"
      ? []
      : [
          {
            label: "Late data",
            value: `waits ${formatDuration(alert.grace)}, counts up to ${formatDuration(alert.lateness)}`,
          },
        ]),
    { label: "Changed", value: <Time at={alert.edited_at} /> },
  ];
  return (
    <Container header={<Header variant="h2">What it says</Header>}>
      <SpaceBetween size="m">
        <Box fontSize="heading-s">
          {draft.type === "composite" && draft.condition
            ? `Fires when ${ruleText(draft.condition, known)}.`
            : firesWhen(draft, unit)}
        </Box>
        <ul className="alert-inputs">
          {furtherWords(draft, unit).map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        {alert.description !== "" && <div className="alert-text">{alert.description}</div>}
        <KeyValuePairs columns={3} minColumnWidth={180} items={items} />
      </SpaceBetween>
    </Container>
  );
}
