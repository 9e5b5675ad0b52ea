import { useEffect } from "react";

let area = "";
let pages: readonly string[] = [];

function show(): void {
  const title = pages.at(-1) ?? area;
  document.title = title === "" ? "Skafu" : `${title} · Skafu`;
}

/** What the tab is called as long as its page says nothing better: the area's name. The shell's. */
export function setAreaTitle(title: string): void {
  area = title;
  show();
}

/** Calls the tab by what the page shows: "CPU high", say. Nothing while it is not known. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    if (title === undefined || title === "") {
      return undefined;
    }
    pages = [...pages, title];
    show();
    return () => {
      const place = pages.lastIndexOf(title);
      pages = pages.filter((_, index) => index !== place);
      show();
    };
  }, [title]);
}
