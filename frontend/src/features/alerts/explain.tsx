import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { formatValue } from "~/ui/format";
import { Failure, Loading } from "~/ui/states";
import { Time } from "~/ui/time";
import { StateBadge } from "./badges";
import { LIVE_MS, useChannels } from "./data";
import {
  attemptText,
  closedAfter,
  markText,
  type NameOf,
  namedSummary,
  pointsText,
  routeLines,
  tellings,
  withheld,
} from "./explanation";
import type { Explanation, Tags } from "./model";
import { tagParameters } from "./remarks";

function Lines(props: { title: string; lines: readonly string[]; none: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{props.title}</Box>
      {props.lines.length === 0 ? (
        <Box color="text-body-secondary">{props.none}</Box>
      ) : (
        <ul className="alert-inputs">
          {props.lines.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The periods that the decision looked at, oldest first. */
function Window(props: { found: Explanation; unit: string | null }) {
  const { found, unit } = props;
  if (found.window.length === 0) {
    return null;
  }
  return (
    <Table
      variant="embedded"
      items={found.window}
      trackBy={(each) => String(each.end)}
      header={<Box variant="h3">What it saw</Box>}
      ariaLabels={{ tableLabel: "What it saw" }}
      columnDefinitions={[
        {
          id: "end",
          header: "Period up to",
          isRowHeader: true,
          cell: (each) => <Time at={each.end} format="absolute" />,
        },
        { id: "value", header: "Value", cell: (each) => formatValue(each.value, unit) },
        {
          id: "mark",
          header: "Counts as",
          cell: (each) => (each.breaching === true ? <b>{markText(each)}</b> : markText(each)),
        },
        { id: "points", header: "Points", cell: pointsText },
      ]}
    />
  );
}

function Inputs(props: { found: Explanation }) {
  if (props.found.inputs.length === 0) {
    return null;
  }
  return (
    <div>
      <Box variant="awsui-key-label">The alerts that it looks at</Box>
      <ul className="alert-inputs">
        {props.found.inputs.map((each) => (
          <li key={each.alert}>
            {each.name ?? `${each.alert} (deleted)`}: <StateBadge state={each.state} />
            {each.deciding && " (the state rests on it)"}
          </li>
        ))}
      </ul>
    </div>
  );
}

function People(props: { found: Explanation; channel: NameOf; name: NameOf }) {
  const { people } = props.found;
  const { channel, name } = props;
  if (people === null) {
    return null;
  }
  const attempts = people.told.flatMap((page) =>
    page.attempts.map((each) => ({
      key: `${page.page} ${each.channel} ${each.at}`,
      at: each.at,
      text: attemptText(each, channel),
    })),
  );
  const { engagement } = people;
  return (
    <SpaceBetween size="s">
      <Box variant="h3">Who was told</Box>
      <Lines title="Pages" lines={tellings(people, channel)} none="Nobody was told." />
      <Lines title="Held back" lines={withheld(people)} none="Nothing was held back." />
      <Lines
        title="Routes, as they are now"
        lines={routeLines(people, channel)}
        none="No route takes it: it goes to the environment’s topic."
      />
      {engagement !== null && (
        <Box>
          {engagement.acknowledged_by === null
            ? "Nobody acknowledged it."
            : `Acknowledged by ${name(engagement.acknowledged_by)}.`}
          {engagement.assignee !== null && ` Assigned to ${name(engagement.assignee)}.`}
        </Box>
      )}
      {attempts.length > 0 && (
        <ExpandableSection headerText="Every try" variant="inline">
          <ul className="alert-inputs">
            {attempts.map((each) => (
              <li key={each.key}>
                {each.text} <Time at={each.at} />
              </li>
            ))}
          </ul>
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}

function Asks(props: { found: Explanation }) {
  const { asks } = props.found;
  const lines = [asks.measures, asks.series, asks.transform, asks.comparison, asks.needs].filter(
    (each) => each !== null,
  );
  return (
    <ExpandableSection headerText="What it asks" variant="inline">
      <ul className="alert-inputs">
        {[...lines, ...asks.further].map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </ExpandableSection>
  );
}

function Document(props: { found: Explanation; unit: string | null; name: NameOf }) {
  const { found, unit, name } = props;
  const channels = useChannels();
  const channel: NameOf = (id) =>
    channels.data?.find((each) => each.id === id)?.name ?? id ?? "nobody";
  const after = found.bucket === null ? null : closedAfter(found.bucket);
  return (
    <SpaceBetween size="m">
      <Box fontSize="heading-s">
        <span className="alert-text">{namedSummary(found, channel, name)}</span>
      </Box>
      {found.state !== null && (
        <div>
          <StateBadge state={found.state.before.state} /> {"\u2192"}{" "}
          <StateBadge state={found.state.after.state} />
        </div>
      )}
      {found.would_take !== null && <Box>What it would have taken: {found.would_take}</Box>}
      {found.bucket !== null && (
        <Box color="text-body-secondary">
          The period up to <Time at={found.bucket.end} format="absolute" />
          {after !== null && `, decided ${after}`}
          {found.bucket.because !== null && `: ${found.bucket.because}`}
        </Box>
      )}
      {found.alert.version !== found.alert.present_version && (
        <Box color="text-status-info">
          Version {found.alert.version} ruled then; it is at {found.alert.present_version} now.
        </Box>
      )}
      {found.warnings.map((each) => (
        <Alert key={each} type="warning">
          {each}
        </Alert>
      ))}
      <Window found={found} unit={unit} />
      <Inputs found={found} />
      {found.levels.length > 0 && (
        <Lines
          title="Graver levels"
          lines={found.levels.map(
            (each) =>
              `${each.severity}: ${each.condition}, ${each.breaching} breaching${each.holds ? ", holds" : ""}`,
          )}
          none=""
        />
      )}
      <People found={found} channel={channel} name={name} />
      <Asks found={found} />
    </SpaceBetween>
  );
}

/** Why an instance is, or was, in its state, and who heard of it. Without `at` the newest decided period, kept live. */
export function Explain(props: {
  id: string;
  tags: Tags;
  at: number | null;
  unit: string | null;
  name: NameOf;
  onNow: () => void;
}) {
  const { id, tags, at } = props;
  const api = useApi();
  const named = tagParameters(tags);
  const found = useQuery({
    queryKey: ["alerts", id, "explain", named, at],
    queryFn: ({ signal }): Promise<Explanation> =>
      body(
        api.GET("/api/alerts/{id}/explain", {
          params: {
            path: { id },
            query: {
              ...(named.length > 0 && { tags: named }),
              ...(at !== null && { at: String(at) }),
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...(at === null ? { refetchInterval: 3 * LIVE_MS } : { staleTime: Number.POSITIVE_INFINITY }),
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={at !== null && <Button onClick={props.onNow}>Explain now</Button>}
        >
          {at === null ? "Why it is so" : "Why it was so"}
        </Header>
      }
    >
      {found.data !== undefined ? (
        <Document found={found.data} unit={props.unit} name={props.name} />
      ) : found.isPending ? (
        <Loading what="the explanation" height={240} />
      ) : (
        <Failure
          error={found.error}
          what="It could not be explained"
          onRetry={() => void found.refetch()}
        />
      )}
    </Container>
  );
}
