import { formatValue } from "../format";
import type { Mode } from "../theme";
import { Swatch } from "./cursor";
import { summarise } from "./summary";
import type { ChartSeries } from "./types";

/** Names, colours and last values; a click shows one alone, with Ctrl (or Cmd) it hides or shows it. */
export function Legend(props: {
  series: readonly ChartSeries[];
  hidden: ReadonlySet<string>;
  mode: Mode;
  unit: string | undefined;
  onClick: (id: string, toggle: boolean) => void;
}) {
  const { series, hidden, mode, unit } = props;
  return (
    <ul className="chart-legend" aria-label="Series">
      {series.map((each, place) => {
        const shown = !hidden.has(each.id);
        return (
          <li key={each.id}>
            <button
              type="button"
              aria-pressed={shown}
              title={`${each.label}: click to show it alone, Ctrl and click to hide or show it`}
              onClick={(event) => props.onClick(each.id, event.ctrlKey || event.metaKey)}
            >
              <Swatch series={each} place={place} mode={mode} />
              <span className="chart-name">{each.label}</span>
              <b>{formatValue(summarise(each.values).last, each.unit ?? unit)}</b>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
