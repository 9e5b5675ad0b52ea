import { type KeyboardEvent, type PointerEvent, type RefObject, useRef, useState } from "react";
import { type Direction, moved, resized, samePlaces, stepped } from "./layout";
import { COLUMNS, GAP_PX, PANEL_KINDS, type Panel, ROW_PX } from "./model";
import { placeText } from "./place-text";

interface Drag {
  readonly id: string;
  readonly what: "move" | "resize";
  readonly from: { readonly x: number; readonly y: number };
  /** How the panels lay when it began. */
  readonly panels: readonly Panel[];
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
/** Near the window's edges a drag scrolls the page. */
const SCROLL = { within: 60, by: 24 };

/**
 * Moves and resizes panels by pointer and by keys. While a drag lasts `panels` shows what it would come
 * to; Escape ends it with nothing changed.
 */
export function useArrange(
  grid: RefObject<HTMLElement | null>,
  panels: readonly Panel[],
  onChange: (panels: readonly Panel[]) => void,
) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const [preview, setPreview] = useState<readonly Panel[] | null>(null);
  const [said, setSaid] = useState("");
  const latest = useRef<readonly Panel[] | null>(null);

  function say(next: readonly Panel[], id: string) {
    const own = next.find((each) => each.id === id);
    setSaid(own === undefined ? "" : placeText(own));
  }
  function end(keep: boolean) {
    const next = latest.current;
    if (keep && drag !== null && next !== null && !samePlaces(next, drag.panels)) {
      onChange(next);
      say(next, drag.id);
    }
    latest.current = null;
    setDrag(null);
    setPreview(null);
  }

  const handlers = (id: string, what: Drag["what"]) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) {
        return;
      }
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ id, what, from: { x: event.pageX, y: event.pageY }, panels });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (drag === null || drag.id !== id || drag.what !== what || grid.current === null) {
        return;
      }
      scrollAtEdges(event.clientY);
      const step = (grid.current.clientWidth + GAP_PX) / COLUMNS;
      const by = {
        x: Math.round((event.pageX - drag.from.x) / step),
        y: Math.round((event.pageY - drag.from.y) / (ROW_PX + GAP_PX)),
      };
      latest.current = dragged(drag, by);
      setPreview(latest.current);
    },
    onPointerUp: () => end(true),
    onPointerCancel: () => end(false),
  });

  function onKeyDown(event: KeyboardEvent, id: string) {
    if (event.key === "Escape" && drag !== null) {
      event.preventDefault();
      end(false);
      return;
    }
    const to = ARROWS[event.key];
    const own = panels.find((each) => each.id === id);
    if (to === undefined || own === undefined || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    const next = event.shiftKey ? grown(panels, own, to) : stepped(panels, id, to);
    if (samePlaces(next, panels)) {
      setSaid(`${placeText(own)}. It cannot go further.`);
    } else {
      onChange(next);
      say(next, id);
    }
  }

  return {
    panels: preview ?? panels,
    moving: drag?.id ?? null,
    said,
    handle: (id: string) => ({
      ...handlers(id, "move"),
      onKeyDown: (event: KeyboardEvent) => onKeyDown(event, id),
    }),
    corner: (id: string) => handlers(id, "resize"),
  };
}

function dragged(drag: Drag, by: { x: number; y: number }): readonly Panel[] {
  const own = drag.panels.find((each) => each.id === drag.id);
  if (own === undefined) {
    return drag.panels;
  }
  return drag.what === "move"
    ? moved(drag.panels, own.id, own.x + by.x, own.y + by.y)
    : resized(
        drag.panels,
        own.id,
        { w: own.w + by.x, h: own.h + by.y },
        PANEL_KINDS[own.type].least,
      );
}

function grown(panels: readonly Panel[], own: Panel, to: Direction): readonly Panel[] {
  const [w, h] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[to] as [
    number,
    number,
  ];
  return resized(panels, own.id, { w: own.w + w, h: own.h + h }, PANEL_KINDS[own.type].least);
}

function scrollAtEdges(y: number): void {
  if (y > window.innerHeight - SCROLL.within) {
    window.scrollBy(0, SCROLL.by);
  } else if (y < SCROLL.within) {
    window.scrollBy(0, -SCROLL.by);
  }
}
