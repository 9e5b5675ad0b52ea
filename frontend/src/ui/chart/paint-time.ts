import type { PlotModel } from "./plot-options";

/** More measurements than these are not kept: a page with live charts stays open for days. */
const KEPT = 200;

/**
 * Measures drawing as `skafu:chart:paint` (the first time) or `skafu:chart:update`; the detail tells how
 * much was drawn. The returned function ends it, once.
 */
export function marked(what: "paint" | "update", model: PlotModel): () => void {
  const name = `skafu:chart:${what}`;
  const start = performance.now();
  let open = true;
  return () => {
    if (open) {
      open = false;
      if (performance.getEntriesByName(name, "measure").length >= KEPT) {
        performance.clearMeasures(name);
      }
      const detail = { series: model.series.length, points: model.times.length };
      performance.measure(name, { start, end: performance.now(), detail });
    }
  };
}
