import { type RefObject, useLayoutEffect, useState } from "react";

/** Where a chart's plot lies within an element, in pixels from its left edge. */
export interface PlotArea {
  readonly left: number;
  readonly width: number;
}

/** The place of the plot of the chart inside of an element: what stands below it begins and ends with it. */
export function usePlotArea(place: RefObject<HTMLElement | null>): PlotArea | null {
  const [area, setArea] = useState<PlotArea | null>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null || typeof ResizeObserver === "undefined") {
      return undefined;
    }
    const measure = () => {
      const plot = element.querySelector(".chart-lines")?.getBoundingClientRect();
      const whole = element.getBoundingClientRect();
      const found = plot && { left: plot.left - whole.left, width: plot.width };
      setArea((before) =>
        found !== undefined && before?.left === found.left && before.width === found.width
          ? before
          : (found ?? null),
      );
    };
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    // The axis grows with its numbers: the plot's own layer is set anew then.
    const layers = new MutationObserver(measure);
    layers.observe(element, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ["style"],
    });
    measure();
    return () => {
      sizes.disconnect();
      layers.disconnect();
    };
  }, [place]);
  return area;
}
