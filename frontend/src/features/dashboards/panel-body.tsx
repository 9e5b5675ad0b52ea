import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Icon from "@cloudscape-design/components/icon";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { clockSkew } from "~/api/clock";
import { ApiProblem } from "~/api/problem";
import type { Span } from "~/ui/chart/types";
import { Loading } from "~/ui/states";
import { Time } from "~/ui/time";
import type { Panel } from "./model";
import { AlertsPanel } from "./panels/alerts-panel";
import { ChartPanel } from "./panels/chart-panel";
import { TablePanel, TopListPanel } from "./panels/list-panels";
import { StatPanel } from "./panels/stat-panel";
import { TextPanel } from "./panels/text-panel";
import type { PanelBodyProps } from "./panels/types";
import type { Choices } from "./substitution";
import { usePanelData } from "./use-panel-data";
import { useSeen } from "./use-seen";

/** What all panels of a page share. */
export interface View {
  readonly choices: Choices;
  readonly span: Span;
  readonly onZoom: (span: Span) => void;
  readonly syncKey: string;
}

const DRAWN = {
  line: ChartPanel,
  area: ChartPanel,
  heatmap: ChartPanel,
  stat: StatPanel,
  top_list: TopListPanel,
  table: TablePanel,
} as const;

/** What a panel shows below its heading. What fails in one leaves the others as they are. */
export function PanelBody(props: { panel: Panel; view: View; wide?: boolean }) {
  const { panel, view, wide = false } = props;
  const place = useSeen();
  return (
    <div ref={place.ref} className="panel-body">
      {panel.type === "text" ? (
        <TextPanel panel={panel} />
      ) : panel.type === "alerts" ? (
        place.seen && <AlertsPanel panel={panel} />
      ) : (
        <Numbers panel={panel} view={view} place={place} wide={wide} type={panel.type} />
      )}
    </div>
  );
}

function Numbers(props: {
  panel: Panel;
  type: keyof typeof DRAWN;
  view: View;
  wide: boolean;
  place: { seen: boolean; width: number; height: number };
}) {
  const { panel, view, place } = props;
  const data = usePanelData(panel, view, place);
  const { query, refused } = data;
  if (refused !== null) {
    return <StatusIndicator type="warning">{refused}</StatusIndicator>;
  }
  if (query.data === undefined) {
    return query.error === null ? (
      <Loading what={panel.title || "the panel"} height={Math.max(60, place.height - 8)} />
    ) : (
      <PanelFailure error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  const notes = query.data.answer.warnings;
  const room = (notes.length > 0 || query.error ? NOTE_PX : 0) + SCROLLBAR_PX;
  const Drawn: (drawn: PanelBodyProps) => React.ReactNode = DRAWN[props.type];
  return (
    <>
      {query.error !== null && (
        <p className="panel-note">
          <StatusIndicator type="warning">
            Of <Time at={query.dataUpdatedAt + clockSkew()} />: {query.error.message}
          </StatusIndicator>
        </p>
      )}
      <Drawn
        panel={panel}
        data={{ queries: data.queries, outdated: data.outdated, shown: query.data }}
        height={place.height - room}
        width={place.width}
        onZoom={view.onZoom}
        syncKey={view.syncKey}
        wide={props.wide}
      />
      {notes.map((each) => (
        <p key={each} className="panel-note">
          <StatusIndicator type="warning">{each}</StatusIndicator>
        </p>
      ))}
    </>
  );
}

const NOTE_PX = 28;
/** So that what fits exactly brings no scroll bar. */
const SCROLLBAR_PX = 2;

/** The API's sentence in the panel's little room, with the fields that it named. */
function PanelFailure(props: { error: Error; onRetry: () => void }) {
  const { error } = props;
  const fields = error instanceof ApiProblem ? error.errors : [];
  return (
    <div className="panel-failure" role="status">
      <Box color="text-status-error">
        <Icon name="status-negative" /> {error.message}
      </Box>
      {fields.length > 0 && (
        <ul>
          {fields.map((each) => (
            <li key={`${each.field} ${each.reason}`}>
              <b>{each.field}</b> {each.reason}
            </li>
          ))}
        </ul>
      )}
      <Button onClick={props.onRetry}>Try again</Button>
    </div>
  );
}
