import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { Span } from "~/ui/chart/types";
import { RangePicker } from "~/ui/range-picker";
import { Empty } from "~/ui/states";
import { Grid } from "./grid";
import type { Content, Panel } from "./model";
import type { View } from "./panel-body";
import { PanelScreen } from "./panel-screen";
import { rangeOf, type Search, withChoice, withRange } from "./search";
import { choicesOf } from "./substitution";
import { STANDARD_REFRESH, useSpan } from "./use-span";
import { VariablesBar } from "./variables-bar";

interface BoardProps {
  readonly id: string;
  readonly content: Content;
  readonly search: Search;
  readonly actions: (panel: Panel) => ReactNode;
  readonly onArrange?: (panels: readonly Panel[]) => void;
  /** What is said of a dashboard without panels. */
  readonly empty: ReactNode;
}

/** Variables and range, which are the address', and the panels that show what they say. */
export function Board(props: BoardProps) {
  const { id, content, search } = props;
  const navigate = useNavigate();
  const go = (next: Search) =>
    void navigate({ to: "/dashboards/$id", params: { id }, search: next });
  const range = rangeOf(search, content.range);
  const refresh = search.refresh ?? STANDARD_REFRESH;
  const { span, again } = useSpan(range, refresh);
  const { variables } = content;
  const choices = useMemo(() => choicesOf(variables, search.vars ?? {}), [variables, search.vars]);
  const view: View = {
    choices,
    span,
    syncKey: `dashboard ${id}`,
    onZoom: ({ start, end }: Span) =>
      go(withRange(search, { start: Math.round(start), end: Math.round(end) })),
  };
  const alone = content.panels.find((each) => each.id === search.panel);
  const { panel: _panel, ...rest } = search;
  return (
    <SpaceBetween size="m">
      <div className="dashboard-tools">
        <VariablesBar
          variables={variables}
          panels={content.panels}
          choices={choices}
          onChoose={(name, values) => go(withChoice(search, name, values))}
        />
        <div className="dashboard-time">
          <RangePicker
            range={range}
            onChange={(next) => go(withRange(search, next))}
            refresh={refresh}
            onRefresh={(seconds) => go({ ...search, refresh: seconds })}
          />
          <Button iconName="refresh" ariaLabel="Refresh now" onClick={again} />
        </div>
      </div>
      {content.panels.length === 0 ? (
        props.empty
      ) : (
        <Grid
          panels={content.panels}
          view={view}
          actions={props.actions}
          {...(props.onArrange === undefined ? {} : { onArrange: props.onArrange })}
        />
      )}
      {search.panel !== undefined && alone === undefined && (
        <Empty title="The panel in this address is not there any more" />
      )}
      {alone && <PanelScreen panel={alone} view={view} onClose={() => go(rest)} />}
    </SpaceBetween>
  );
}
