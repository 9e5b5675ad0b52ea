import { useMemo } from "react";
import { severityText } from "~/features/alerts/badges";
import { Chart } from "~/ui/chart/chart";
import { Heatmap } from "~/ui/chart/heatmap";
import type { ThresholdLine } from "~/ui/chart/types";
import type { Panel } from "../model";
import { percentilesOf, periodOf, seriesOf, unitOf } from "../panel-query";
import type { PanelBodyProps } from "./types";

/** What stands below the plot: the legend's first line, and the tools. */
const LEGEND_PX = 32;
const TOOLS_PX = 26;
const LEAST_PX = 90;

/** Lines, areas, and how values are distributed. */
export function ChartPanel(props: PanelBodyProps) {
  const { panel, data, height, onZoom, syncKey, wide } = props;
  const { answer, request } = data.shown;
  const isHeatmap = panel.type === "heatmap";
  const series = useMemo(
    () => (isHeatmap ? percentilesOf(answer, data.queries) : seriesOf(answer, data.queries)),
    [answer, data.queries, isHeatmap],
  );
  const lines = useMemo(() => linesOf(panel), [panel]);
  const unit = unitOf(panel, series);
  const tools = wide || height > 260;
  const below = (isHeatmap ? 0 : LEGEND_PX) + (tools ? TOOLS_PX : 0);
  const common = {
    title: panel.title || "Untitled panel",
    range: { start: request.start, end: request.end },
    period: periodOf(series),
    height: Math.max(LEAST_PX, height - below),
    lines,
    syncKey,
    onZoom,
    tools,
    stale: data.outdated,
    ...(unit === null ? {} : { unit }),
  };
  if (isHeatmap) {
    return <Heatmap {...common} percentiles={series} />;
  }
  return <Chart {...common} series={series} kind={panel.type === "area" ? "area" : "line"} />;
}

function linesOf(panel: Panel): ThresholdLine[] {
  return panel.thresholds.map((each, index) => ({
    id: `${index} ${each.value}`,
    value: each.value,
    label: severityText(each.severity),
    tone: each.severity,
  }));
}
