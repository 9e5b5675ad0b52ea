import { useMemo } from "react";
import { toneColour } from "~/ui/chart/palette";
import { Sparkline } from "~/ui/chart/sparkline";
import { summarise } from "~/ui/chart/summary";
import type { ChartSeries } from "~/ui/chart/types";
import { formatValue, plural } from "~/ui/format";
import { useMode } from "~/ui/theme";
import type { Panel } from "../model";
import { seriesOf, toneAt, unitOf } from "../panel-query";
import type { PanelBodyProps } from "./types";

/** So high is a number with its name and its line. */
const ROW_PX = 76;

/** The last value of each line, large, in the colour of the threshold that it has reached. */
export function StatPanel(props: PanelBodyProps) {
  const { panel, data, height, width } = props;
  const { answer } = data.shown;
  const series = useMemo(() => seriesOf(answer, data.queries), [answer, data.queries]);
  const room = Math.max(1, Math.floor(height / ROW_PX));
  const shown = series.slice(0, room);
  if (series.length === 0) {
    return <p className="panel-empty">No data in this range.</p>;
  }
  return (
    <div className={data.outdated ? "stats outdated" : "stats"}>
      {shown.map((each) => (
        <Stat
          key={each.id}
          panel={panel}
          series={each}
          unit={unitOf(panel, [each])}
          named={series.length > 1}
          width={Math.max(60, width - 32)}
          height={Math.max(20, Math.min(90, height / shown.length - 56))}
        />
      ))}
      {series.length > shown.length && (
        <p className="panel-note">
          And {plural(series.length - shown.length, "more series", "more series")}: make the panel
          higher to see them.
        </p>
      )}
    </div>
  );
}

function Stat(props: {
  panel: Panel;
  series: ChartSeries;
  unit: string | null;
  named: boolean;
  width: number;
  height: number;
}) {
  const { panel, series, unit } = props;
  const mode = useMode();
  const { last } = summarise(series.values);
  const tone = toneAt(last, panel.thresholds);
  const text = formatValue(last, unit);
  return (
    <div className="stat">
      <span className="stat-value" {...(tone && { style: { color: toneColour(tone, mode) } })}>
        {text}
      </span>
      {tone !== null && tone !== "ok" && <span className="stat-tone">{tone}</span>}
      {props.named && <span className="stat-name">{series.label}</span>}
      <Sparkline
        label={`${panel.title || series.label}, over the range`}
        values={series.values}
        width={props.width}
        height={props.height}
        description={`last ${text}`}
        {...(tone && { tone })}
      />
    </div>
  );
}
