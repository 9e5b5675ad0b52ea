import type uPlot from "uplot";

/** Farther than this along time is a brush; a finger that goes up or down scrolls the page. */
const LEAST_MOVE = 12;

/**
 * uPlot knows the mouse alone: a finger that is drawn along the plot brushes, too. Returns what takes
 * the listeners away.
 */
export function brushByTouch(plot: uPlot, wanted: () => boolean): () => void {
  const { over } = plot;
  let from: number | null = null;
  const place = (event: PointerEvent) => event.clientX - over.getBoundingClientRect().left;
  const down = (event: PointerEvent) => {
    from = event.pointerType !== "mouse" && event.isPrimary && wanted() ? place(event) : null;
  };
  const move = (event: PointerEvent) => {
    if (from !== null) {
      const to = Math.min(over.clientWidth, Math.max(0, place(event)));
      plot.setCursor({ left: to, top: over.clientHeight / 2 });
      plot.setSelect(
        { left: Math.min(from, to), top: 0, width: Math.abs(to - from), height: over.clientHeight },
        false,
      );
    }
  };
  const up = () => {
    if (from !== null) {
      from = null;
      if (plot.select.width >= LEAST_MOVE) {
        plot.setSelect({ ...plot.select }, true);
      } else {
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }
    }
  };
  const cancel = () => {
    from = null;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  };
  over.style.touchAction = "pan-y";
  over.addEventListener("pointerdown", down);
  over.addEventListener("pointermove", move);
  over.addEventListener("pointerup", up);
  over.addEventListener("pointercancel", cancel);
  return () => {
    over.removeEventListener("pointerdown", down);
    over.removeEventListener("pointermove", move);
    over.removeEventListener("pointerup", up);
    over.removeEventListener("pointercancel", cancel);
  };
}
