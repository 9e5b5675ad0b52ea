import "./dashboards.css";
import Icon from "@cloudscape-design/components/icon";
import { type CSSProperties, type ReactNode, useId, useRef } from "react";
import { readingOrder } from "./layout";
import { GAP_PX, type Panel, ROW_PX } from "./model";
import { PanelBody, type View } from "./panel-body";
import { titleOf } from "./place-text";
import { useArrange } from "./use-arrange";
import { useNarrow } from "./use-narrow";

interface GridProps {
  readonly panels: readonly Panel[];
  readonly view: View;
  /** The buttons in a panel's heading. */
  readonly actions: (panel: Panel) => ReactNode;
  /** Panels can be moved and resized. */
  readonly onArrange?: (panels: readonly Panel[]) => void;
}

/** The panels on their twelve columns; where there is little room one under the other. */
export function Grid(props: GridProps) {
  const { panels, view, actions, onArrange } = props;
  const grid = useRef<HTMLDivElement>(null);
  const help = useId();
  const stacked = useNarrow();
  const arrange = useArrange(grid, panels, onArrange ?? nothing);
  const arranging = onArrange !== undefined && !stacked;
  // While panels are arranged their elements keep their order: one that is moved would lose the focus.
  const shown = arranging ? arrange.panels : readingOrder(panels);
  return (
    <>
      {arranging && (
        <>
          <p id={help} className="said">
            Arrow keys move the panel, Shift with arrow keys resizes it.
          </p>
          <p aria-live="polite" className="said">
            {arrange.said}
          </p>
        </>
      )}
      <div ref={grid} className={stacked ? "dashboard-grid stacked" : "dashboard-grid"}>
        {shown.map((panel) => (
          <section
            key={panel.id}
            className={arrange.moving === panel.id ? "panel moving" : "panel"}
            aria-label={titleOf(panel)}
            style={stacked ? heightOf(panel) : placeOf(panel)}
          >
            <div className="panel-head">
              {arranging && (
                <button
                  type="button"
                  className="panel-handle"
                  aria-label={`Move or resize ${titleOf(panel)}`}
                  aria-describedby={help}
                  {...arrange.handle(panel.id)}
                >
                  <Icon name="drag-indicator" />
                </button>
              )}
              <h2 title={panel.title}>{panel.title}</h2>
              {actions(panel)}
            </div>
            <PanelBody panel={panel} view={view} />
            {arranging && (
              <div className="panel-corner" aria-hidden="true" {...arrange.corner(panel.id)} />
            )}
          </section>
        ))}
      </div>
    </>
  );
}

function nothing(): void {}

function placeOf(panel: Panel): CSSProperties {
  return {
    gridColumn: `${panel.x + 1} / span ${panel.w}`,
    gridRow: `${panel.y + 1} / span ${panel.h}`,
  };
}

/** Texts are as high as they are; all else keeps the height that it was given. */
function heightOf(panel: Panel): CSSProperties {
  const height = panel.h * ROW_PX + (panel.h - 1) * GAP_PX;
  return panel.type === "text" ? {} : { blockSize: height };
}
