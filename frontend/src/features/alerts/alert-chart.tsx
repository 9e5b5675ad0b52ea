import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useCallback, useMemo, useRef } from "react";
import { now } from "~/api/clock";
import { Chart } from "~/ui/chart/chart";
import type { Span } from "~/ui/chart/types";
import { formatDuration } from "~/ui/format";
import { RangePicker } from "~/ui/range-picker";
import { Stale } from "~/ui/stale";
import { Failure, Loading } from "~/ui/states";
import { useFromNow } from "~/ui/time";
import { spanOf, type TimeRange } from "~/ui/time-range";
import { alarmBands, filled, movesOfHistory, stateStretches } from "./bands";
import { eventsOf, type useHistory } from "./history";
import { linesOf } from "./lines";
import type { AlertDraft, State, Tags } from "./model";
import { usePlotArea } from "./plot-area";
import { useWatched } from "./series";
import { StateBand } from "./state-band";
import { comparedUnit } from "./words";

const HEIGHT = 260;
const minute = (at: number) => Math.floor(at / 60_000) * 60_000 + 60_000;

/** The stretch that a range means, moving on once a minute. */
function useSpan(range: TimeRange): Span {
  const end = useFromNow(minute);
  return useMemo(() => spanOf(range, end), [range, end]);
}

/** What an alert, or one instance of it, looks at, with when it fired; of an instance its states below. */
export function AlertChart(props: {
  draft: AlertDraft;
  title: string;
  range: TimeRange;
  onRange: (range: TimeRange) => void;
  history: ReturnType<typeof useHistory>;
  instance?: { readonly tags: Tags; readonly state: State };
}) {
  const { draft, range, onRange, history, instance } = props;
  const span = useSpan(range);
  const place = useRef<HTMLDivElement>(null);
  const plot = usePlotArea(place);
  const watched = useWatched(draft, span, instance?.tags);
  const events = useMemo(
    () => eventsOf(history.pages, instance?.tags),
    [history.pages, instance?.tags],
  );
  const moves = useMemo(() => {
    const from = new Map(events.map((each) => [each.at, each.from]));
    return movesOfHistory(events).map((each) => ({ ...each, from: from.get(each.at) ?? each.to }));
  }, [events]);
  // The axis ends with the minute that runs; nothing is said about what is still to come.
  const past = useMemo(() => ({ ...span, end: Math.min(span.end, now()) }), [span]);
  const bands = useMemo(() => alarmBands(moves, past, "in alarm"), [moves, past]);
  const lines = useMemo(() => linesOf(draft), [draft]);
  const zoom = useCallback((to: Span) => onRange(to), [onRange]);
  const composite = draft.type === "composite";
  const data = watched.data;
  const unit = comparedUnit(draft, data?.unit ?? null);
  return (
    <Container
      header={
        <Header variant="h2" actions={<RangePicker range={range} onChange={onRange} />}>
          {composite ? "When it fired" : "What it looks at"}
        </Header>
      }
    >
      <div ref={place} className="alert-chart">
        <Stale query={watched} what="the chart" />
        {composite ? (
          <StateBand
            plot={null}
            span={span}
            stretches={
              instance === undefined
                ? filled(bands, past)
                : stateStretches(moves, past, instance.state)
            }
            complete={!history.hasMore}
          />
        ) : data !== undefined ? (
          <>
            <Chart
              title={props.title}
              series={data.series}
              range={span}
              period={data.period}
              height={HEIGHT}
              bands={bands}
              lines={data.exact || draft.transform == null ? lines : []}
              onZoom={zoom}
              {...(unit === null ? {} : { unit })}
            />
            {data.why !== null && <small>{data.why}</small>}
            {data.warnings.map((each) => (
              <small key={each}>{each}</small>
            ))}
          </>
        ) : watched.isPending ? (
          <Loading what="the metric" height={HEIGHT + 60} />
        ) : (
          <Failure
            error={watched.error}
            what="The metric could not be read"
            onRetry={() => void watched.refetch()}
          />
        )}
        {instance !== undefined && !composite && (
          <StateBand
            plot={plot}
            span={span}
            stretches={stateStretches(moves, past, instance.state)}
            complete={!history.hasMore}
          />
        )}
        {bands.length > 0 && (
          <small>
            In alarm for{" "}
            {formatDuration(bands.reduce((sum, each) => sum + each.end - each.start, 0) / 1000)} of
            this time.
          </small>
        )}
      </div>
    </Container>
  );
}
