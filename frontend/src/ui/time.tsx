import "./time.css";
import {
  type KeyboardEvent,
  useCallback,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { createPortal } from "react-dom";
import { now } from "~/api/clock";
import { absolute, relative, utc } from "./time-format";

const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** One clock for all that count seconds: a table of a thousand rows has one timer. */
function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  ticking ??= setInterval(() => {
    for (const each of listeners) {
      each();
    }
  }, 1000);
  return () => {
    listeners.delete(changed);
    if (listeners.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** What `read` makes of the server's time, told anew when it changes: at most once a second. */
export function useFromNow<T extends string | number | boolean | null>(
  read: (now: number) => T,
): T {
  return useSyncExternalStore(
    subscribe,
    useCallback(() => read(now()), [read]),
  );
}

/** The moment in words (relative, kept up to date) or as a date in the viewer's zone; the other and UTC on hover or focus. */
export function Time(props: { at: number; format?: "relative" | "absolute" }) {
  const { at, format = "relative" } = props;
  const shown = useFromNow(
    useCallback(
      (moment: number) => (format === "relative" ? relative(at, moment) : absolute(at)),
      [at, format],
    ),
  );
  const [place, setPlace] = useState<DOMRect | null>(null);
  const element = useRef<HTMLTimeElement>(null);
  const id = useId();
  const show = () => setPlace(element.current?.getBoundingClientRect() ?? null);
  const hide = () => setPlace(null);
  return (
    <>
      <time
        ref={element}
        className="time"
        dateTime={new Date(at).toISOString()}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what hovering tells must be had by keyboard too
        tabIndex={0}
        aria-describedby={place === null ? undefined : id}
        onMouseEnter={show}
        onMouseLeave={hide}
        onFocus={show}
        onBlur={hide}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === "Escape" && place !== null) {
            event.stopPropagation();
            hide();
          }
        }}
      >
        {shown}
      </time>
      {place !== null &&
        createPortal(
          <div role="tooltip" id={id} className="time-tip" style={beside(place)}>
            {absolute(at)}
            <br />
            {utc(at)}
          </div>,
          document.body,
        )}
    </>
  );
}

const TIP = { width: 190, height: 52 };

/** Below the text, above it where there is no room; never beyond the window's right edge. */
function beside(place: DOMRect): { left: number; top: number } {
  const below = place.bottom + 4;
  return {
    left: Math.max(8, Math.min(place.left, window.innerWidth - TIP.width - 8)),
    top: below + TIP.height > window.innerHeight ? place.top - TIP.height : below,
  };
}
