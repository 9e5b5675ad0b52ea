import { useCallback, useEffect, useState } from "react";
import { now } from "~/api/clock";
import type { Span } from "~/ui/chart/types";
import { spanOf, type TimeRange } from "~/ui/time-range";

/** How often dashboards ask again unless their URL says otherwise, in seconds. */
export const STANDARD_REFRESH = 30;

/**
 * The stretch of time that all panels show, the same for all of them. It moves on every `refresh`
 * seconds while the page is seen, and when `again` is called.
 */
export function useSpan(range: TimeRange, refresh: number): { span: Span; again: () => void } {
  const key = JSON.stringify(range);
  const [held, setHeld] = useState(() => ({ key, span: spanOf(range, now()) }));
  let { span } = held;
  if (held.key !== key) {
    span = spanOf(range, now());
    setHeld({ key, span });
  }
  const again = useCallback(() => {
    const parsed = JSON.parse(key) as TimeRange;
    setHeld({ key, span: spanOf(parsed, now()) });
  }, [key]);
  const live = "last" in range && refresh > 0;
  useEffect(() => {
    if (!live) {
      return undefined;
    }
    const seen = () => document.visibilityState === "visible" && again();
    const timer = setInterval(seen, refresh * 1_000);
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [live, refresh, again]);
  return { span, again };
}
