import "./explore.css";
import Alert from "@cloudscape-design/components/alert";
import type { AutosuggestProps } from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { useMetrics } from "~/api/query-catalogue";
import { useMetricQuery } from "~/api/query-hooks";
import { finestPeriod } from "~/api/query-series";
import { useRefusal } from "~/auth/session";
import { useWidth } from "~/ui/chart/use-width";
import { RoleButton } from "~/ui/disabled-button";
import { useShortcut } from "~/ui/keys";
import { Page } from "~/ui/page";
import { RangePicker } from "~/ui/range-picker";
import { Empty, Failure, Loading } from "~/ui/states";
import { DEFAULT_RANGE, spanOf, type TimeRange } from "~/ui/time-range";
import { asked, refusedRows } from "./asked";
import { Charts, WEEK_MS } from "./charts";
import { alertDraft, alertRefusal, MOST_QUERIES } from "./handing-over";
import { LastSeen, missed } from "./last-seen";
import { RowEditor } from "./row-editor";
import {
  duplicated,
  MOST_ROWS,
  newRow,
  packed,
  type Row,
  removed,
  replaced,
  unpacked,
} from "./rows";
import type { Search } from "./search";
import { type Flag, ViewToggles } from "./view-toggles";

const AddToDashboard = lazy(() => import("./add-to-dashboard"));
const LIVE_SECONDS = 5;
const CHART_HEIGHT = 440;

/** Any metric, by looking: what is shown is all in the address, so that going back undoes, and a link shares it. */
export function ExplorePage() {
  const search = useSearch({ from: "/explore" });
  const navigate = useNavigate({ from: "/explore" });
  const change = (next: Search) => void navigate({ search: next });
  const range: TimeRange =
    "last" in search ? { last: search.last } : { start: search.start, end: search.end };
  const rows = useMemo(() => unpacked(search.q), [search.q]);
  const setRows = (next: readonly Row[]) => change({ ...search, q: packed(next) });
  const setRange = (next: TimeRange) => change(withRange(search, next));
  const setFlag = (flag: Flag | "table", on: boolean) => {
    const { [flag]: _before, ...rest } = search;
    change(on ? ({ ...rest, [flag]: 1 } as Search) : (rest as Search));
  };
  const refresh = "last" in range ? (search.refresh ?? 0) : 0;

  const [place, width] = useWidth<HTMLDivElement>();
  const field = useRef<AutosuggestProps.Ref>(null);
  useShortcut("/", "Search metrics", () => {
    field.current?.focus();
    field.current?.select();
  });
  const { queries, wrong } = useMemo(() => asked(rows), [rows]);
  const found = useMetricQuery({ range, queries, width }, { refresh });
  const before = useMetricQuery(
    { range, queries, width },
    { refresh, enabled: search.week === 1, shift: WEEK_MS },
  );
  const refused = useMemo(() => refusedRows(found.error, queries), [found.error, queries]);
  const catalogue = useMetrics("");
  const editorRefusal = useRefusal("editor");
  const [adding, setAdding] = useState(false);

  const shown = found.last;
  const period =
    shown === undefined || shown.answer.results.length === 0
      ? 60
      : finestPeriod(shown.answer.results);
  const createAlert = (row: Row) =>
    void navigate({ to: "/alerts/new", search: { draft: alertDraft(row, period) } });
  // What can be shown can be put on a dashboard: no row that is wrong, none that nothing needs.
  const complete = rows.filter((row) => queries.some((query) => query.id === row.id));
  const isBlank = rows.every((row) => row.metric === "" && row.expression === "");
  const setRefresh = (seconds: number) => {
    const { refresh: _before, ...rest } = search;
    change(seconds > 0 ? { ...rest, refresh: seconds } : rest);
  };
  const isLive = refresh === LIVE_SECONDS;
  const goLive = () =>
    isLive
      ? setRefresh(0)
      : change({
          ...withRange(search, "last" in range ? range : DEFAULT_RANGE),
          refresh: LIVE_SECONDS,
        });

  if (catalogue.data?.metrics.length === 0 && search.q === undefined) {
    return (
      <Page title="Explore">
        <Empty title="No metrics yet" action={<Link to="/">Show me the first steps</Link>}>
          As soon as a first point has come, its metric can be looked at here.
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title="Explore"
      actions={
        <RangePicker range={range} onChange={setRange} refresh={refresh} onRefresh={setRefresh} />
      }
    >
      <SpaceBetween size="m">
        <Container>
          <div className="queries">
            {rows.map((row, i) => (
              <RowEditor
                key={row.id}
                row={row}
                error={wrong.get(row.id) ?? refused.get(row.id)}
                alertRefusal={editorRefusal ?? alertRefusal(row)}
                canDuplicate={rows.length < MOST_ROWS}
                onChange={(changed) => setRows(replaced(rows, changed))}
                onAction={(action) => {
                  if (action === "alert") {
                    createAlert(row);
                  } else {
                    setRows((action === "remove" ? removed : duplicated)(rows, row.id));
                  }
                }}
                {...(i === 0 ? { field } : {})}
              />
            ))}
            <div className="queries-add">
              <Button
                iconName="add-plus"
                disabled={rows.length >= MOST_ROWS}
                onClick={() => setRows([...rows, newRow("metric", rows)])}
              >
                Query
              </Button>
              <Button
                iconName="add-plus"
                disabled={rows.length >= MOST_ROWS}
                onClick={() => setRows([...rows, newRow("expression", rows)])}
              >
                Arithmetic
              </Button>
              <span className="queries-space" />
              <RoleButton
                needs="editor"
                disabled={complete.length === 0 || complete.length > MOST_QUERIES}
                disabledReason={
                  complete.length === 0
                    ? "Choose a metric first."
                    : `A panel has at most ${MOST_QUERIES} queries.`
                }
                onClick={() => setAdding(true)}
              >
                Add to a dashboard
              </RoleButton>
            </div>
          </div>
        </Container>
        <Container>
          <ViewToggles search={search} isLive={isLive} onLive={goLive} onFlag={setFlag} />
          <div ref={place} className="explore-charts" style={{ minHeight: CHART_HEIGHT }}>
            {found.error !== null && (
              <Failure
                error={found.error}
                what={shown === undefined ? "The queries" : "What you see is old"}
                onRetry={() => void found.query.refetch()}
              />
            )}
            {before.error !== null && search.week === 1 && (
              <Failure
                error={before.error}
                what="Last week"
                onRetry={() => void before.query.refetch()}
              />
            )}
            {found.warnings.length > 0 && (
              <Alert type="warning" header="Parts are missing from this answer">
                <ul>
                  {found.warnings.map((warning) => (
                    <li key={warning}>{warning}</li>
                  ))}
                </ul>
              </Alert>
            )}
            {shown !== undefined && !found.isOld && (
              <LastSeen
                missed={missed(
                  rows,
                  shown.answer.results,
                  catalogue.data?.metrics ?? [],
                  shown.span,
                )}
                span={shown.span}
                onShow={setRange}
              />
            )}
            {queries.every((query) => query.hidden) ? (
              <Empty title={isBlank ? "Choose a metric" : "Nothing is to be drawn"}>
                {isBlank
                  ? "Type a part of its name above, or press / to begin."
                  : "All queries are hidden or cannot be read. Show or correct one of them."}
              </Empty>
            ) : shown === undefined ? (
              found.error === null && <Loading what="the chart" height={CHART_HEIGHT} />
            ) : (
              <Charts
                rows={rows}
                answered={shown}
                before={search.week === 1 ? before.last : undefined}
                isOld={found.isOld}
                split={search.split === 1}
                kind={search.area === 1 ? "area" : "line"}
                asTable={search.table === 1}
                onAsTable={(asTable) => setFlag("table", asTable)}
                onZoom={setRange}
              />
            )}
          </div>
        </Container>
      </SpaceBetween>
      {adding && (
        <Suspense fallback={null}>
          <AddToDashboard
            rows={complete}
            kind={search.area === 1 ? "area" : "line"}
            last={Math.round((spanOf(range).end - spanOf(range).start) / 1000)}
            onClose={() => setAdding(false)}
          />
        </Suspense>
      )}
    </Page>
  );
}

function withRange(search: Search, range: TimeRange): Search {
  const { q, refresh, week, split, area, table } = search;
  const view = { q, refresh, week, split, area, table };
  const known = Object.entries(view).filter(([, value]) => value !== undefined);
  return { ...range, ...Object.fromEntries(known) };
}
