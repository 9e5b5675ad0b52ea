import { compacted } from "./layout";
import { type Content, freshId, type Panel, type Variable } from "./model";

/** One thing that somebody changed since a version: "Panel CPU", "The name". */
export interface Change {
  /** The same thing has the same key on both sides. */
  readonly key: string;
  readonly what: string;
  readonly how: "added" | "removed" | "changed" | "moved";
}

export interface Merged {
  readonly content: Content;
  /** What both changed in different ways: mine is kept, and nothing that either kept is removed. */
  readonly both: readonly Change[];
}

const FIELDS = ["name", "description", "range"] as const;
const FIELD_NAMES = { name: "The name", description: "The description", range: "The range" };

/** What differs from `base`, in the order in which people see it. */
export function changesSince(base: Content, other: Content): Change[] {
  const changes: Change[] = FIELDS.filter((field) => !same(base[field], other[field])).map(
    (field) => ({ key: field, what: FIELD_NAMES[field], how: "changed" }),
  );
  changes.push(
    ...listChanges(base.variables, other.variables, "variable", variableKey, (each) => {
      return `Variable ${each.name}`;
    }),
  );
  const panels = listChanges(base.panels.map(placeless), other.panels.map(placeless), ...PANELS);
  changes.push(...panels);
  const told = new Set(panels.map((each) => each.key));
  for (const each of other.panels) {
    const before = base.panels.find((panel) => panel.id === each.id);
    const key = `panel ${each.id}`;
    if (before && !told.has(key) && !samePlace(before, each)) {
      changes.push({ key, what: panelName(each), how: "moved" });
    }
  }
  return changes;
}

/** Both people's changes since `base` in one dashboard. Where panels lie is mine where I moved them. */
export function merged(base: Content, mine: Content, theirs: Content): Merged {
  const both = clashes(base, mine, theirs);
  const pick = <T>(was: T, my: T, their: T): T => (same(was, my) ? their : my);
  const own = withFreshIds(base, mine, theirs);
  const panels = mergedList(base.panels, own.panels, theirs.panels, panelKey, (was, my, their) => ({
    ...pick(placeless(was), placeless(my), placeless(their)),
    ...place(samePlace(was, my) ? their : my),
  }));
  return {
    both,
    content: {
      name: pick(base.name, mine.name, theirs.name),
      description: pick(base.description, mine.description, theirs.description),
      range: pick(base.range, mine.range, theirs.range),
      variables: mergedList(base.variables, own.variables, theirs.variables, variableKey, pick),
      panels: compacted(panels),
    },
  };
}

/** What both sides touched and made different. Who only moved a panel is in nobody's way. */
function clashes(base: Content, mine: Content, theirs: Content): Change[] {
  const [mineNow, theirsNow] = [parts(mine), parts(theirs)];
  const was = parts(base);
  const touched = new Set(changesSince(base, theirs).map((each) => each.key));
  return changesSince(base, mine).filter(({ key }) => {
    const isNew = !was.has(key);
    return (
      touched.has(key) &&
      !same(mineNow.get(key), theirsNow.get(key)) &&
      !(isNew && key.startsWith("panel ")) &&
      !same(mineNow.get(key), was.get(key)) &&
      !same(theirsNow.get(key), was.get(key))
    );
  });
}

/** What a dashboard is made of, by the key that changes have. */
function parts(content: Content): Map<string, unknown> {
  return new Map<string, unknown>([
    ...FIELDS.map((field) => [field, content[field]] as const),
    ...content.variables.map((each) => [`variable ${each.name}`, each] as const),
    ...content.panels.map((each) => [`panel ${each.id}`, placeless(each)] as const),
  ]);
}

/** A panel that I made and one that they made may have got the same id: mine gets another one. */
function withFreshIds(base: Content, mine: Content, theirs: Content): Content {
  const known = new Set(base.panels.map(panelKey));
  const theirsNew = new Set(theirs.panels.map(panelKey).filter((id) => !known.has(id)));
  const taken = new Set([...mine.panels, ...theirs.panels].map(panelKey));
  const panels = mine.panels.map((each) => {
    if (!theirsNew.has(each.id) || theirs.panels.some((their) => same(their, each))) {
      return each;
    }
    const id = freshId("panel", taken);
    taken.add(id);
    return { ...each, id };
  });
  return { ...mine, panels };
}

/** Theirs with my changes: removed is what one removed and the other left as it was. */
function mergedList<T>(
  base: readonly T[],
  mine: readonly T[],
  theirs: readonly T[],
  keyOf: (each: T) => string,
  pick: (was: T, mine: T, theirs: T) => T,
): T[] {
  const index = (list: readonly T[]) => new Map(list.map((each) => [keyOf(each), each]));
  const [was, my, their] = [index(base), index(mine), index(theirs)];
  const found: T[] = [];
  for (const key of new Set([...their.keys(), ...my.keys()])) {
    const [before, own, other] = [was.get(key), my.get(key), their.get(key)];
    if (own !== undefined && other !== undefined) {
      found.push(before === undefined ? own : pick(before, own, other));
      continue;
    }
    const left = own ?? other;
    if (left !== undefined && (before === undefined || !same(before, left))) {
      found.push(left);
    }
  }
  return found;
}

const variableKey = (each: Variable) => each.name;
const panelKey = (each: { readonly id: string }) => each.id;

type Placeless = Omit<Panel, "x" | "y" | "w" | "h">;

function placeless(panel: Panel): Placeless {
  const { x: _x, y: _y, w: _w, h: _h, ...rest } = panel;
  return rest;
}

function place({ x, y, w, h }: Panel) {
  return { x, y, w, h };
}

function samePlace(a: Panel, b: Panel): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}

function panelName(panel: Pick<Panel, "id" | "title">): string {
  return `Panel ${panel.title.trim() || panel.id}`;
}

const PANELS = ["panel", panelKey, panelName] as const;

function listChanges<T>(
  base: readonly T[],
  other: readonly T[],
  kind: string,
  keyOf: (each: T) => string,
  name: (each: T) => string,
): Change[] {
  const was = new Map(base.map((each) => [keyOf(each), each]));
  const is = new Map(other.map((each) => [keyOf(each), each]));
  const changes: Change[] = [];
  for (const [key, each] of is) {
    const before = was.get(key);
    if (before === undefined) {
      changes.push({ key: `${kind} ${key}`, what: name(each), how: "added" });
    } else if (!same(before, each)) {
      changes.push({ key: `${kind} ${key}`, what: name(each), how: "changed" });
    }
  }
  for (const [key, each] of was) {
    if (!is.has(key)) {
      changes.push({ key: `${kind} ${key}`, what: name(each), how: "removed" });
    }
  }
  return changes;
}

/** Whether both say the same; the order of an object's fields says nothing. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
