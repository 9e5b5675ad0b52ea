import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useMemo, useState } from "react";
import { now } from "~/api/clock";
import { Chart } from "~/ui/chart/chart";
import type { Band, Span } from "~/ui/chart/types";
import { Failure, Loading } from "~/ui/states";
import { useFromNow } from "~/ui/time";
import { type Tried, useSettled, WINDOWS } from "../backtests";
import { alarmBands, movesOf } from "../bands";
import { rulesOf } from "../evaluation/rules";
import { linesOf, withLine } from "../lines";
import type { AlertDraft } from "../model";
import { previewBands } from "../preview";
import { useWatched, type Watched } from "../series";
import { comparedUnit, firesWhen } from "../words";
import { useForm } from "./form";
import { useLive } from "./moving";

const RANGES = [
  { id: "3h", text: "3 hours", ms: 3 * 3_600_000 },
  ...WINDOWS.map((each) => ({
    id: each.id,
    text: each.label.replace("Last ", ""),
    ms: each.ms,
  })),
];
const HEIGHT = 300;
const TYPING_MS = 400;

const minute = (at: number) => Math.floor(at / 60_000) * 60_000;

/** The server's answer for a span: of the smallest window that holds it. */
function answerFor(tried: readonly Tried[], span: Span): Tried | undefined {
  return tried.find((each) => each.window.ms >= span.end - span.start);
}

/** The stretches in which it would have fired: the server's, or while these are awaited the browser's own. */
function useBands(live: AlertDraft, watched: Watched | undefined, span: Span, answer?: Tried) {
  const { draft } = useForm();
  const result = live === draft ? answer?.result : undefined;
  return useMemo((): { bands: readonly Band[]; exact: boolean } => {
    if (result !== undefined) {
      return { bands: alarmBands(movesOf(result.transitions), span), exact: true };
    }
    const bands = previewBands(live, rulesOf(live), watched, span, now());
    return { bands: bands ?? [], exact: bands !== null };
  }, [result, live, watched, span]);
}

/** The chart on which an alert is shaped: its lines can be dragged, and it shades where it would have fired. */
export function Preview(props: { tried: readonly Tried[]; onData: (watched: Watched) => void }) {
  const { draft, set, moving } = useForm();
  const live = useLive(draft, moving);
  const [range, setRange] = useState("3h");
  const end = useFromNow(minute);
  const length = RANGES.find((each) => each.id === range)?.ms ?? 0;
  const span = useMemo(() => ({ start: end - length, end: end + 60_000 }), [end, length]);
  // A name that is still typed is no metric yet.
  const metric = useSettled(draft.metric ?? null, draft.metric ?? "", TYPING_MS);
  const watched = useWatched({ ...draft, metric }, span);
  const answer = answerFor(props.tried, { start: 0, end: length });
  const { bands } = useBands(live, watched.data, span, answer);
  const { onData } = props;
  const data = watched.data;
  useEffect(() => {
    if (data !== undefined && !watched.isPlaceholderData && metric === draft.metric) {
      onData(data);
    }
  }, [data, watched.isPlaceholderData, onData, metric, draft.metric]);

  const draggable = data?.exact !== false || draft.transform == null;
  const lines = useMemo(
    () =>
      linesOf(draft).map((line) => ({
        ...line,
        onMove: (value: number) => moving.set({ id: line.id, value }),
        onMoved: (value: number) => {
          moving.set(null);
          set((before) => withLine(before, line.id, value));
        },
      })),
    [draft, moving, set],
  );
  const unit = comparedUnit(draft, data?.unit ?? null);
  if (draft.metric == null || draft.metric === "") {
    return (
      <Box padding="l" textAlign="center" color="text-status-inactive">
        Pick a metric. Its chart comes here, with a line to drag.
      </Box>
    );
  }
  return (
    <SpaceBetween size="s">
      <div className="alert-preview-head">
        <Box variant="strong">
          <span aria-live="polite">{firesWhen(live, data?.unit)}</span>
        </Box>
        <SegmentedControl
          label="Time on the chart"
          selectedId={range}
          options={RANGES.map(({ id, text }) => ({ id, text }))}
          onChange={({ detail }) => setRange(detail.selectedId)}
        />
      </div>
      {watched.isPending ? (
        <Loading what="the metric" height={HEIGHT + 60} />
      ) : data === undefined ? (
        <Failure
          error={watched.error}
          what="The metric could not be read"
          onRetry={() => void watched.refetch()}
        />
      ) : (
        <>
          <Chart
            title={`What ${draft.name.trim() === "" ? "the alert" : draft.name} looks at`}
            series={data.series}
            range={span}
            period={data.period}
            height={HEIGHT}
            bands={bands}
            lines={draggable ? lines : []}
            {...(unit === null ? {} : { unit })}
          />
          {data.why !== null && <Box color="text-body-secondary">{data.why}</Box>}
          {data.warnings.map((each) => (
            <Alert key={each} type="warning">
              {each}
            </Alert>
          ))}
          {answer?.result !== undefined && answer.result.more_transitions > 0 && (
            <Box color="text-body-secondary">
              Only the first {answer.result.transitions.length} changes are shaded; all are counted.
            </Box>
          )}
        </>
      )}
    </SpaceBetween>
  );
}
