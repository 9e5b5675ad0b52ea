import { compacted, freePlace, readingOrder } from "./layout";
import {
  type Content,
  type Dashboard,
  freshId,
  PANEL_KINDS,
  type Panel,
  type PanelType,
} from "./model";

/** What somebody edits: what it began from is kept, to tell their changes from others'. */
export interface Work {
  /** The version that it began from, for If-Match. */
  readonly version: number;
  readonly base: Content;
  readonly content: Content;
}

export function workOn(stored: Dashboard): Work {
  // What gravity would change is no change of anybody's.
  const content = { ...stored.content, panels: compacted(stored.content.panels) };
  return { version: stored.version, base: content, content };
}

/** A panel of that type, where there is room for it, with an id that no other has. */
export function newPanel(content: Content, type: PanelType): Panel {
  const { size, queries } = PANEL_KINDS[type];
  return {
    id: freshId(
      "panel",
      content.panels.map((each) => each.id),
    ),
    title: "",
    type,
    ...size,
    ...freePlace(content.panels, size),
    queries: queries ? [{ id: "a", metric: "", statistic: "avg" }] : [],
    thresholds: [],
    ...(type === "text" ? { text: "" } : {}),
  };
}

/** With the panel in the place of the one of its id, or as a new one. */
export function withPanel(content: Content, panel: Panel): Content {
  const known = content.panels.some((each) => each.id === panel.id);
  const panels = known
    ? content.panels.map((each) => (each.id === panel.id ? panel : each))
    : [...content.panels, panel];
  return { ...content, panels: compacted(panels) };
}

export function withoutPanel(content: Content, id: string): Content {
  return { ...content, panels: compacted(content.panels.filter((each) => each.id !== id)) };
}

/** A second one of the panel, where there is room for it. */
export function withDuplicate(content: Content, id: string): Content {
  const panel = content.panels.find((each) => each.id === id);
  if (panel === undefined) {
    return content;
  }
  const copy = {
    ...panel,
    id: freshId(
      "panel",
      content.panels.map((each) => each.id),
    ),
    ...freePlace(content.panels, panel),
  };
  return withPanel(content, copy);
}

/** As it is stored: panels in the order in which they are read. */
export function tidied(content: Content): Content {
  return { ...content, panels: readingOrder(content.panels) };
}

/** What was before, the newest last; so far back one can go. */
const MOST_STEPS = 50;

export function remembered(past: readonly Content[], before: Content): readonly Content[] {
  return [...past, before].slice(-MOST_STEPS);
}
