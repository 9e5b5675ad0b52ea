import { plural } from "~/ui/format";
import type { Panel } from "./model";

/** What a panel is called where its title is needed: it may have none. */
export function titleOf(panel: Pick<Panel, "id" | "title">): string {
  return panel.title.trim() || `Panel ${panel.id}`;
}

/** Where a panel lies and how large it is, for those who do not see it. */
export function placeText(panel: Panel): string {
  const size = `${plural(panel.w, "column")} wide, ${plural(panel.h, "row")} high`;
  return `${titleOf(panel)}: column ${panel.x + 1}, row ${panel.y + 1}, ${size}`;
}
