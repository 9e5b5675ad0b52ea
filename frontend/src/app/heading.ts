import { useEffect, useRef } from "react";

/** A page that loads for longer than this keeps the focus where it is. */
const PATIENCE_MS = 5_000;

/** The heading of what is shown now; null while the page has none. */
function heading(): HTMLElement | null {
  return document.querySelector<HTMLElement>("main h1");
}

/** Puts the focus on the page's heading: readers go on from there. False while there is none. */
export function focusHeading(): boolean {
  const found = heading();
  if (found === null) {
    return false;
  }
  found.tabIndex = -1;
  found.focus({ preventScroll: true });
  return true;
}

/** Whether the focus was left behind by the page before: on nothing, or on what led here. */
function leftBehind(): boolean {
  const active = document.activeElement;
  return (
    active === null ||
    active === document.body ||
    active.tagName === "H1" ||
    active.closest("nav, header, [aria-hidden='true']") !== null
  );
}

/**
 * After a navigation the focus moves to the new page's heading, unless the page has put it somewhere
 * itself. `path` is that of the page which is shown, not of one that is being loaded.
 */
export function useFocusOnHeading(path: string): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) {
      return undefined;
    }
    before.current = path;
    const arrived = () => leftBehind() && focusHeading();
    if (arrived()) {
      return undefined;
    }
    const observer = new MutationObserver(() => {
      if (arrived() || !leftBehind()) {
        observer.disconnect();
      }
    });
    observer.observe(document.body, { childList: true, subtree: true });
    const timer = setTimeout(() => observer.disconnect(), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [path]);
}
