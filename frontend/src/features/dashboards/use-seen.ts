import { type RefObject, useEffect, useRef, useState } from "react";

/** Panels that are about to be scrolled into view are asked for already. */
const MARGIN = "200px";
/** Widths are taken in steps: not every pixel of a resize asks for other buckets. */
const STEP_PX = 100;

export interface Seen {
  readonly ref: RefObject<HTMLDivElement | null>;
  /** Whether any of it is on the screen, or nearly so. */
  readonly seen: boolean;
  /** In px, up to a step too large; 0 until it is known. */
  readonly width: number;
  /** In px. */
  readonly height: number;
}

/** Watches whether an element is on the screen, and how large it is. */
export function useSeen(): Seen {
  const ref = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) {
      return;
    }
    const intersections = new IntersectionObserver(
      (entries) => setSeen(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: MARGIN },
    );
    const sizes = new ResizeObserver((entries) => {
      const box = entries.at(-1)?.contentRect;
      if (box !== undefined) {
        const width = Math.ceil(box.width / STEP_PX) * STEP_PX;
        const height = Math.floor(box.height);
        setSize((before) =>
          before.width === width && before.height === height ? before : { width, height },
        );
      }
    });
    intersections.observe(element);
    sizes.observe(element);
    return () => {
      intersections.disconnect();
      sizes.disconnect();
    };
  }, []);
  return { ref, seen, ...size };
}
