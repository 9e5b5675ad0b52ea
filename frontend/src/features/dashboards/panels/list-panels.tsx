import { useMemo } from "react";
import { lineColour, toneColour } from "~/ui/chart/palette";
import { summarise } from "~/ui/chart/summary";
import { formatValue } from "~/ui/format";
import { useMode } from "~/ui/theme";
import { ranked, seriesOf, toneAt, unitOf } from "../panel-query";
import type { PanelBodyProps } from "./types";

/** Lines by their last value, with bars. */
export function TopListPanel(props: PanelBodyProps) {
  const { panel, data } = props;
  const { answer } = data.shown;
  const mode = useMode();
  const series = useMemo(() => seriesOf(answer, data.queries), [answer, data.queries]);
  const rows = ranked(series);
  const common = unitOf(panel, series);
  if (rows.length === 0) {
    return <p className="panel-empty">No data in this range.</p>;
  }
  return (
    <ol className={data.outdated ? "top-list outdated" : "top-list"}>
      {rows.map((each) => {
        const tone = toneAt(each.value, panel.thresholds);
        const colour = tone === null ? lineColour(0, mode) : toneColour(tone, mode);
        return (
          <li key={each.id}>
            <span className="top-name" title={each.label}>
              {each.label}
            </span>
            <span className="top-value">{formatValue(each.value, common ?? each.unit)}</span>
            <span
              className="top-bar"
              aria-hidden="true"
              style={{ inlineSize: `${each.share * 100}%`, background: colour }}
            />
          </li>
        );
      })}
    </ol>
  );
}

/** Last, average, smallest and largest of each line. */
export function TablePanel(props: PanelBodyProps) {
  const { panel, data } = props;
  const { answer } = data.shown;
  const mode = useMode();
  const series = useMemo(() => seriesOf(answer, data.queries), [answer, data.queries]);
  if (series.length === 0) {
    return <p className="panel-empty">No data in this range.</p>;
  }
  return (
    <table className={data.outdated ? "panel-table outdated" : "panel-table"}>
      <caption className="said">{panel.title || "Untitled panel"}</caption>
      <thead>
        <tr>
          <th scope="col">Series</th>
          <th scope="col">Last</th>
          <th scope="col">Average</th>
          <th scope="col">Smallest</th>
          <th scope="col">Largest</th>
        </tr>
      </thead>
      <tbody>
        {series.map((each) => {
          const { last, mean, least, most } = summarise(each.values);
          const unit = unitOf(panel, [each]);
          const tone = toneAt(last, panel.thresholds);
          const style = tone === null ? {} : { style: { color: toneColour(tone, mode) } };
          return (
            <tr key={each.id}>
              <th scope="row">{each.label}</th>
              <td {...style}>{formatValue(last, unit)}</td>
              <td>{formatValue(mean, unit)}</td>
              <td>{formatValue(least, unit)}</td>
              <td>{formatValue(most, unit)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
