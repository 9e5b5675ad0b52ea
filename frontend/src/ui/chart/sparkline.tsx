import { useMode } from "../theme";
import { decimate } from "./decimate";
import { extent } from "./extent";
import { lineColour, toneColour } from "./palette";
import { summarise } from "./summary";
import type { Tone } from "./types";

const EDGE = 2;

/** The line as an SVG path in a box of this size; gaps stay open, and a lonely point is a dot. */
export function sparkPath(
  values: readonly (number | null | undefined)[],
  width: number,
  height: number,
): string {
  const { least, most } = summarise(values);
  const { low, high } = extent(least, most, [], "line");
  const samples = decimate(values, width);
  let open = false;
  return samples
    .map(({ at, value }, i) => {
      if (value === null) {
        open = false;
        return "";
      }
      const x = (EDGE + at * (width - 2 * EDGE)).toFixed(1);
      const y = (EDGE + ((high - value) / (high - low)) * (height - 2 * EDGE)).toFixed(1);
      const begins = !open;
      open = true;
      const alone = begins && (samples[i + 1]?.value ?? null) === null;
      return begins ? `M${x} ${y}${alone ? "h0.1" : ""}` : `L${x} ${y}`;
    })
    .join("");
}

/** A line without axes, for cards and tables. `label` says what it is; the reader hears the last value's text, too. */
export function Sparkline(props: {
  label: string;
  values: readonly (number | null | undefined)[];
  width?: number;
  height?: number;
  tone?: Tone;
  /** Said after the label: "last 12 %". */
  description?: string;
}) {
  const { label, values, width = 120, height = 28, tone, description } = props;
  const mode = useMode();
  const hasValues = summarise(values).last !== null;
  const told = hasValues ? description : "no data";
  return (
    <svg
      role="img"
      aria-label={told === undefined ? label : `${label}: ${told}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      style={{ display: "block", maxWidth: "100%" }}
    >
      <path
        d={sparkPath(values, width, height)}
        fill="none"
        stroke={tone === undefined ? lineColour(0, mode) : toneColour(tone, mode)}
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
