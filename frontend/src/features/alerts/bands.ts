import type { Band, Span, Tone } from "~/ui/chart/types";
import { stateText } from "./badges";
import type { Event, Severity, State, Tags, Transition } from "./model";
import { severityRank, tagsKey, tagsText } from "./model";

/** One change of one instance, from wherever it is known: a preview, a backtest, the history. */
export interface Move {
  readonly at: number;
  readonly key: string;
  readonly name: string;
  readonly to: State;
  /** Of the alarm that it is in since; null outside of ALARM. */
  readonly severity: Severity | null;
}

export function movesOf(transitions: readonly Transition[]): Move[] {
  return transitions.map((each) => ({
    at: each.at,
    key: tagsKey(each.tags),
    name: tagsText(each.tags),
    to: each.to,
    severity: each.to === "ALARM" ? each.severity : null,
  }));
}

/** Of a history what still holds, oldest first. */
export function movesOfHistory(events: readonly Event[], tags?: Tags): Move[] {
  const wanted = tags === undefined ? null : tagsKey(tags);
  return events
    .filter((each) => !each.replaced && each.cause !== "late")
    .filter((each) => wanted === null || tagsKey(each.tags) === wanted)
    .map((each) => ({
      at: each.at,
      key: tagsKey(each.tags),
      name: tagsText(each.tags),
      to: each.to,
      severity: each.to === "ALARM" ? (each.to_severity ?? each.severity) : null,
    }))
    .sort((a, b) => a.at - b.at);
}

interface Stretch extends Span {
  readonly tone: Severity;
  readonly name: string;
}

/** When each instance was, or would have been, in ALARM within the span. */
function alarms(moves: readonly Move[], span: Span): Stretch[] {
  const open = new Map<string, Move>();
  const found: Stretch[] = [];
  const close = (from: Move, end: number) => {
    const start = Math.max(from.at, span.start);
    const until = Math.min(end, span.end);
    if (start < until) {
      found.push({ start, end: until, tone: from.severity ?? "medium", name: from.name });
    }
  };
  for (const move of moves) {
    const before = open.get(move.key);
    if (before !== undefined) {
      close(before, move.at);
      open.delete(move.key);
    }
    if (move.to === "ALARM") {
      open.set(move.key, move);
    }
  }
  for (const each of open.values()) {
    close(each, span.end);
  }
  return found;
}

/**
 * The stretches in which it fires, for the chart: those of several instances that overlap are one, of
 * the gravest severity among them. `moves` are in the order of time.
 */
export function alarmBands(moves: readonly Move[], span: Span, verb = "would fire"): Band[] {
  const stretches = alarms(moves, span);
  const edges = [...new Set(stretches.flatMap((each) => [each.start, each.end]))].sort(
    (a, b) => a - b,
  );
  const sorted = [...stretches].sort((a, b) => a.start - b.start);
  const bands: Band[] = [];
  let active: Stretch[] = [];
  let next = 0;
  edges.slice(0, -1).forEach((start, place) => {
    const end = edges[place + 1] as number;
    active = active.filter((each) => each.end > start);
    for (let each = sorted[next]; each !== undefined && each.start <= start; each = sorted[next]) {
      active.push(each);
      next += 1;
    }
    const [worst] = [...active].sort((a, b) => severityRank(a.tone) - severityRank(b.tone));
    if (worst === undefined) {
      return;
    }
    const label = named(verb, active);
    const last = bands.at(-1);
    if (
      last !== undefined &&
      last.end === start &&
      last.tone === worst.tone &&
      last.label === label
    ) {
      bands[bands.length - 1] = { ...last, end };
    } else {
      bands.push({ start, end, tone: worst.tone, label });
    }
  });
  return bands;
}

function named(verb: string, active: readonly Stretch[]): string {
  const [only] = active;
  if (active.length === 1 && only !== undefined) {
    return only.name === "" ? verb : `${verb}: ${only.name}`;
  }
  return `${verb}: ${active.length} instances`;
}

/** One stretch of an instance's state: what the band under its chart is made of. */
export interface StateStretch extends Span {
  readonly state: State;
  readonly tone: Tone;
  readonly label: string;
}

/**
 * An instance's states over the span. `before` is where it was at the first move's beginning, as the
 * history tells; without any move it is where it is `now`.
 */
export function stateStretches(
  moves: readonly (Move & { readonly from?: State })[],
  span: Span,
  present: State,
): StateStretch[] {
  const within = moves.filter((each) => each.at > span.start && each.at < span.end);
  const earlier = moves.filter((each) => each.at <= span.start).at(-1);
  const first: Pick<Move, "to" | "severity"> = earlier ?? {
    to: within[0]?.from ?? (within.length === 0 ? present : "INSUFFICIENT_DATA"),
    severity: null,
  };
  const starts = [{ ...first, at: span.start }, ...within];
  return starts.map((each, place) => ({
    start: each.at,
    end: starts[place + 1]?.at ?? span.end,
    state: each.to,
    tone: toneOf(each.to, each.severity),
    label: stateText(each.to),
  }));
}

/** Bands, and what is between them, over the whole span: for what has no chart of its own. */
export function filled(bands: readonly Band[], span: Span): StateStretch[] {
  const found: StateStretch[] = [];
  let at = span.start;
  const calm = (end: number) => {
    if (at < end) {
      found.push({ start: at, end, state: "OK", tone: "unknown", label: "not in alarm" });
    }
  };
  for (const band of bands) {
    calm(band.start);
    found.push({ ...band, state: "ALARM" });
    at = band.end;
  }
  calm(span.end);
  return found;
}

function toneOf(state: State, severity: Severity | null): Tone {
  if (state === "ALARM") {
    return severity ?? "medium";
  }
  return state === "OK" ? "ok" : "unknown";
}
