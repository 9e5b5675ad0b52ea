import "uplot/dist/uPlot.min.css";
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import uPlot from "uplot";
import type { Extent } from "./extent";
import { marked } from "./paint-time";
import { type PlotModel, plotOptions, shape } from "./plot-options";
import { Signal } from "./signal";
import { brushByTouch } from "./touch-brush";

/** The plotting area inside the chart, in CSS pixels, and the values at its edges. */
export interface Area extends Extent {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where the cursor is: an index of the time axis, null where it is not on the plot. */
export interface CursorPlace {
  readonly index: number | null;
  readonly left: number;
}

export interface PlotHandle {
  readonly host: RefObject<HTMLDivElement | null>;
  readonly area: Signal<Area | null>;
  readonly cursor: Signal<CursorPlace>;
  /** Holds the axis of values where it is, until it is let go: while a line is dragged. */
  readonly hold: (held: boolean) => void;
  /** Puts the cursor at an index of the time axis, as the mouse would; -1 takes it away. */
  readonly point: (index: number) => void;
  /** Marks a stretch between two indices, as the brush does, without zooming; null clears it. */
  readonly mark: (stretch: readonly [number, number] | null) => void;
}

function dataOf(model: PlotModel): uPlot.AlignedData {
  const { start, end } = model.range;
  if (model.times.length === 0) {
    // An empty plot has its axes all the same.
    return [[start, end], ...model.series.map(() => [null, null])];
  }
  return [model.times, ...model.columns] as unknown as uPlot.AlignedData;
}

const NOWHERE: CursorPlace = { index: null, left: -1 };

/** Keeps a uPlot in `host` that shows `model`: made anew only where its shape changes. */
export function usePlot(model: PlotModel, height: number): PlotHandle {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(model);
  const frozen = useRef<Extent | null>(null);
  const [area] = useState(() => new Signal<Area | null>(null));
  const [cursor] = useState(() => new Signal<CursorPlace>(NOWHERE));
  const form = shape(model);
  useLayoutEffect(() => {
    latest.current = model;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `form` is all of the model that makes a plot another one
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) {
      return undefined;
    }
    const done = marked("paint", latest.current);
    const events = {
      drawn: (drawn: uPlot) => {
        area.set(areaOf(drawn));
        done();
      },
      moved: (moved: uPlot) => {
        const { idx, left } = moved.cursor;
        const on = idx !== null && idx !== undefined && left !== undefined && left >= 0;
        cursor.set(on ? { index: idx, left } : NOWHERE);
      },
    };
    const size = { width: Math.max(120, element.clientWidth), height };
    const made = new uPlot(
      plotOptions(
        () => latest.current,
        () => frozen.current,
        events,
        size,
      ),
      dataOf(latest.current),
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (width > 0 && width !== made.width) {
        made.setSize({ width, height });
      }
    });
    resized.observe(element);
    const untouch = brushByTouch(made, () => latest.current.onZoom !== undefined);
    return () => {
      untouch();
      resized.disconnect();
      made.destroy();
      plot.current = null;
      cursor.set(NOWHERE);
    };
  }, [form, height, area, cursor]);

  const { times, columns, range, bands, hidden, unit } = model;
  const lines = model.thresholds.join();
  const drawnFirst = useRef("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what the plot reads of the model
  useLayoutEffect(() => {
    const shown = plot.current;
    if (shown === null) {
      return;
    }
    if (drawnFirst.current !== form) {
      drawnFirst.current = form; // The plot was just made with this very data.
      return;
    }
    const done = marked("update", latest.current);
    shown.batch(() => {
      latest.current.series.forEach((each, i) => {
        const show = !hidden.has(each.id);
        if (shown.series[i + 1]?.show !== show) {
          shown.setSeries(i + 1, { show }, false);
        }
      });
      shown.setData(dataOf(latest.current), true);
    });
    done();
  }, [times, columns, range.start, range.end, bands, hidden, unit, lines, form]);

  const hold = useCallback((held: boolean) => {
    const shown = plot.current;
    const { min, max } = shown?.scales.y ?? {};
    frozen.current =
      held && min !== undefined && max !== undefined ? { low: min, high: max } : null;
    if (!held) {
      shown?.setData(shown.data, true);
    }
  }, []);
  const point = useCallback((index: number) => {
    const shown = plot.current;
    const time = shown?.data[0]?.[index];
    if (shown !== null && index < 0) {
      shown.setCursor({ left: -10, top: -10 });
    } else if (shown !== null && time !== undefined) {
      shown.setCursor({ left: shown.valToPos(time, "x"), top: shown.over.clientHeight / 2 });
    }
  }, []);
  const mark = useCallback((stretch: readonly [number, number] | null) => {
    const shown = plot.current;
    if (shown === null) {
      return;
    }
    const [from, to] = (stretch ?? [0, 0]).map((index) =>
      shown.valToPos(shown.data[0]?.[index] ?? 0, "x"),
    ) as [number, number];
    const left = stretch === null ? 0 : Math.min(from, to);
    const width = stretch === null ? 0 : Math.abs(to - from);
    shown.setSelect({ left, top: 0, width, height: shown.over.clientHeight }, false);
  }, []);
  return { host, area, cursor, hold, point, mark };
}

function areaOf(plot: uPlot): Area {
  const ratio = uPlot.pxRatio;
  const { left, top, width, height } = plot.bbox;
  return {
    left: left / ratio,
    top: top / ratio,
    width: width / ratio,
    height: height / ratio,
    low: plot.scales.y?.min ?? 0,
    high: plot.scales.y?.max ?? 1,
  };
}
