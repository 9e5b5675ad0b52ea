import { useState } from "react";
import { formatValue } from "../format";
import { absolute, utc } from "../time-format";
import type { Aligned } from "./align";
import type { ChartSeries } from "./types";

const ROW = 28;
/** Rows above and below what is visible: a quick scroll shows no blank. */
const SPARE = 8;
const MOST_COLUMNS = 30;

/** Which rows to render of `count`, for what is scrolled to: [from, to). */
export function visibleRows(scrolled: number, height: number, count: number): [number, number] {
  const from = Math.max(0, Math.floor(scrolled / ROW) - SPARE);
  return [Math.min(from, count), Math.min(count, Math.ceil((scrolled + height) / ROW) + SPARE)];
}

/** A chart's numbers as a table, newest first: the same as are drawn. Renders only the rows in sight. */
export function ChartTable(props: {
  title: string;
  series: readonly ChartSeries[];
  aligned: Aligned;
  unit: string | undefined;
  height: number;
}) {
  const { aligned, unit, height } = props;
  const [scrolled, setScrolled] = useState(0);
  const count = aligned.times.length;
  const [from, to] = visibleRows(scrolled, height, count);
  const series = props.series.slice(0, MOST_COLUMNS);
  const left = props.series.length - series.length;
  const rows = Array.from({ length: Math.max(0, to - from) }, (_, i) => count - 1 - (from + i));
  return (
    <section
      className="chart-table"
      style={{ height }}
      aria-label={`${props.title}, as a table`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
    >
      <table aria-rowcount={count + 1}>
        {left > 0 && <caption>{left} further series are in the CSV.</caption>}
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Time</th>
            {series.map((each) => (
              <th key={each.id} scope="col">
                {each.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {from > 0 && <Filler rows={from} columns={series.length + 1} />}
          {rows.map((row, i) => {
            const time = aligned.times[row] as number;
            return (
              <tr key={time} aria-rowindex={from + i + 2}>
                <th scope="row" title={utc(time)}>
                  {absolute(time)}
                </th>
                {series.map((each, column) => (
                  <td key={each.id}>
                    {formatValue(aligned.columns[column]?.[row], each.unit ?? unit)}
                  </td>
                ))}
              </tr>
            );
          })}
          {to < count && <Filler rows={count - to} columns={series.length + 1} />}
        </tbody>
      </table>
      {count === 0 && <p>No data in this range.</p>}
    </section>
  );
}

/** The room of rows that are not rendered. */
function Filler(props: { rows: number; columns: number }) {
  return (
    <tr style={{ height: props.rows * ROW }}>
      <td colSpan={props.columns} />
    </tr>
  );
}
