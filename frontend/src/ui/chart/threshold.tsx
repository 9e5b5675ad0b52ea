import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { formatValue } from "../format";
import { useMode } from "../theme";
import { dragStep, keyStep, roundTo } from "./extent";
import { toneColour } from "./palette";
import type { Area, PlotHandle } from "./plot";
import { useSignal } from "./signal";
import type { ThresholdLine } from "./types";

/** How far a key moves a line, in steps; null for keys that move nothing. */
export function stepsOf(key: string, shift: boolean): number | null {
  const factor = shift ? 10 : 1;
  switch (key) {
    case "ArrowUp":
    case "ArrowRight":
      return factor;
    case "ArrowDown":
    case "ArrowLeft":
      return -factor;
    case "PageUp":
      return 10;
    case "PageDown":
      return -10;
    default:
      return null;
  }
}

/** Where a value lies in the plotting area, from its top, in pixels. */
export function topOf(value: number, area: Area): number {
  return ((area.high - value) / (area.high - area.low)) * area.height;
}

/** The value at so many pixels below the area's top, within the area, as precise as a pixel. */
export function valueAt(top: number, area: Area): number {
  const part = Math.min(1, Math.max(0, top / area.height));
  const value = area.high - part * (area.high - area.low);
  return roundTo(value, dragStep(area, area.height));
}

/** All thresholds of a chart, above its plot. */
export function Thresholds(props: {
  lines: readonly ThresholdLine[];
  plot: PlotHandle;
  unit: string | undefined;
}) {
  const area = useSignal(props.plot.area);
  if (area === null) {
    return null;
  }
  const place = { left: area.left, top: area.top, width: area.width, height: area.height };
  return (
    <div className="chart-lines" style={place}>
      {props.lines.map((line) => (
        <Threshold key={line.id} line={line} area={area} hold={props.plot.hold} unit={props.unit} />
      ))}
    </div>
  );
}

/** One line; with `onMove` or `onMoved` a slider that pointer and keys move. */
export function Threshold(props: {
  line: ThresholdLine;
  area: Area;
  hold: (held: boolean) => void;
  unit: string | undefined;
}) {
  const { line, area, hold, unit } = props;
  const mode = useMode();
  const [moving, setMoving] = useState<number | null>(null);
  const grabbed = useRef<number | null>(null);
  const value = moving ?? line.value;
  const text = formatValue(value, unit);
  const style = {
    top: topOf(value, area),
    "--tone": toneColour(line.tone, mode),
  } as CSSProperties;
  const chip = (
    <span className="chart-line-label">
      {line.label} {text}
    </span>
  );
  if (line.onMove === undefined && line.onMoved === undefined) {
    return (
      <div className="chart-line" style={style} aria-hidden="true">
        {chip}
      </div>
    );
  }

  const move = (next: number) => {
    setMoving(next);
    if (next !== value) {
      line.onMove?.(next);
    }
  };
  const end = () => {
    grabbed.current = null;
    hold(false);
    if (moving !== null) {
      line.onMoved?.(moving);
      setMoving(null);
    }
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button === 0) {
      event.currentTarget.setPointerCapture(event.pointerId);
      grabbed.current = event.clientY - topOf(value, area);
      hold(true);
    }
  };
  const onPointerMove = (event: PointerEvent) => {
    if (grabbed.current !== null) {
      move(valueAt(event.clientY - grabbed.current, area));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps = stepsOf(event.key, event.shiftKey);
    if (steps !== null) {
      event.preventDefault();
      const step = keyStep(area);
      if (moving === null) {
        hold(true);
      }
      move(roundTo(value + steps * step, step));
    }
  };
  return (
    <div
      className="chart-line chart-line-movable"
      style={style}
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={line.label}
      aria-valuemin={Math.min(area.low, value)}
      aria-valuemax={Math.max(area.high, value)}
      aria-valuenow={value}
      aria-valuetext={text}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={onKeyDown}
      onKeyUp={(event) => stepsOf(event.key, event.shiftKey) !== null && end()}
      onBlur={end}
    >
      {chip}
    </div>
  );
}
