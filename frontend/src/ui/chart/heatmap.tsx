import { useCallback, useMemo } from "react";
import type uPlot from "uplot";
import { useMode } from "../theme";
import { align } from "./align";
import { Chart } from "./chart";
import { type Column, heatOf } from "./density";
import { lineColour, withOpacity } from "./palette";
import type { ChartProps, ChartSeries } from "./types";

const FAINTEST = 0.08;

/** The percentile that a series is, by its id or label: "p99.9" is 99.9. */
export function rankOf(series: ChartSeries): number | null {
  const found = /\bp(\d{1,3}(?:\.\d+)?)\b/.exec(`${series.id} ${series.label}`);
  return found === null ? null : Number(found[1]);
}

/**
 * A distribution over time, from its percentiles (series whose ids are p10, p50, p99, ...): the denser
 * observations lie, the stronger the colour. Everything else is as in a chart.
 */
export function Heatmap(
  props: Omit<ChartProps, "series" | "kind" | "legend"> & { percentiles: readonly ChartSeries[] },
) {
  const { percentiles, ...rest } = props;
  const mode = useMode();
  const series = useMemo(() => ranked(percentiles), [percentiles]);
  const { times, columns } = useMemo(() => align(series, props.period), [series, props.period]);
  const cells = useMemo(() => {
    const ranks = series.map((each) => rankOf(each) as number);
    const buckets = times.map(
      (_, i): Column => ranks.map((rank, place) => [rank, columns[place]?.[i] ?? null]),
    );
    return heatOf(buckets);
  }, [series, times, columns]);
  const width = props.period * 1000;
  const paint = useCallback(
    (plot: uPlot) => {
      const colour = lineColour(0, mode);
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      times.forEach((time, i) => {
        const left = plot.valToPos(time, "x", true);
        const right = plot.valToPos(time + width, "x", true);
        for (const cell of cells[i] ?? []) {
          const top = plot.valToPos(cell.high, "y", true);
          const bottom = plot.valToPos(cell.low, "y", true);
          ctx.fillStyle = withOpacity(colour, FAINTEST + (1 - FAINTEST) * cell.heat);
          ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
        }
      });
      ctx.restore();
    },
    [times, cells, width, mode],
  );
  return <Chart {...rest} series={series} legend={false} painter={paint} />;
}

function ranked(percentiles: readonly ChartSeries[]): ChartSeries[] {
  return percentiles
    .filter((each) => rankOf(each) !== null)
    .sort((a, b) => (rankOf(a) as number) - (rankOf(b) as number))
    .map((each) => ({ ...each, slot: 0 }));
}
