import type { CSSProperties } from "react";
import { toneColour } from "~/ui/chart/palette";
import type { Span } from "~/ui/chart/types";
import { formatDuration } from "~/ui/format";
import { useMode } from "~/ui/theme";
import { absolute } from "~/ui/time-format";
import type { StateStretch } from "./bands";
import type { PlotArea } from "./plot-area";

/** An instance's states over a stretch of time, as a bar; for screen readers as a list. */
export function StateBand(props: {
  span: Span;
  stretches: readonly StateStretch[];
  /** Whether all of the history was read. */
  complete: boolean;
  /** Where the plot above lies: the band begins and ends with it. */
  plot: PlotArea | null;
}) {
  const { span, stretches, plot } = props;
  const mode = useMode();
  const length = span.end - span.start;
  return (
    <div className="state-band">
      <ol
        aria-label="States over this time"
        style={plot === null ? {} : { marginInlineStart: plot.left, width: plot.width }}
      >
        {stretches.map((each) => {
          const seconds = (each.end - each.start) / 1000;
          const style = {
            flexGrow: (each.end - each.start) / length,
            "--tone": toneColour(each.tone, mode),
          } as CSSProperties;
          const told = `${each.label} from ${absolute(each.start)} for ${formatDuration(seconds)}`;
          return (
            <li
              key={each.start}
              style={style}
              title={told}
              className={`state-band-${each.state.toLowerCase()}`}
            >
              <span className="state-band-text">{told}</span>
              {(each.end - each.start) / length > 0.12 && (
                <span aria-hidden="true" className="state-band-label">
                  {each.label}
                </span>
              )}
            </li>
          );
        })}
      </ol>
      <small className="state-band-ends" style={plot === null ? {} : { display: "none" }}>
        <span>{absolute(span.start)}</span>
        <span>{absolute(span.end)}</span>
      </small>
      {!props.complete && <small>Older changes are not read yet: load them in the history.</small>}
    </div>
  );
}
