import { type Box, COLUMNS, LIMITS } from "./model";

/**
 * Where panels lie: gravity pulls them up, none covers another, and whoever is moved or resized
 * pushes the others down. All functions return new boxes in the order of the given ones.
 */

export interface Size {
  readonly w: number;
  readonly h: number;
}

export type Direction = "left" | "right" | "up" | "down";

const SMALLEST: Size = { w: 1, h: 1 };

export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** The first row below all boxes. */
export function bottom(boxes: readonly Box[]): number {
  return boxes.reduce((lowest, each) => Math.max(lowest, each.y + each.h), 0);
}

/** As people read: by rows, then from left to right. */
export function readingOrder<B extends Box>(boxes: readonly B[]): B[] {
  return [...boxes].sort((a, b) => a.y - b.y || a.x - b.x);
}

/** Every box as far up as it falls, wholly within the grid. Doing it twice changes nothing. */
export function compacted<B extends Box>(boxes: readonly B[]): B[] {
  return settled(boxes, readingOrder(boxes.map((each) => within(each))));
}

/** The box with its corner there; whatever is in its way gives way. */
export function moved<B extends Box>(boxes: readonly B[], id: string, x: number, y: number): B[] {
  const { own, others } = split(boxes, id);
  if (own === undefined) {
    return [...boxes];
  }
  const target = within({ ...own, x, y });
  // A box that comes from above passes another one when its lower edge passes the other's middle;
  // one that comes from below when its upper edge does.
  const edge = target.y > own.y ? target.y + target.h : target.y;
  const beyond = (other: B) => other.y + other.h / 2 < edge + (target.y > own.y ? 0 : 0.01);
  const before = others.filter((each) => (overlap(each, target) ? beyond(each) : each.y < edge));
  const after = others.filter((each) => !before.includes(each));
  return settled(boxes, [...readingOrder(before), target, ...readingOrder(after)]);
}

/** The box with that size, at least `least`; its upper left corner stays. */
export function resized<B extends Box>(
  boxes: readonly B[],
  id: string,
  size: Size,
  least: Size = SMALLEST,
): B[] {
  const { own, others } = split(boxes, id);
  if (own === undefined) {
    return [...boxes];
  }
  const w = clamp(size.w, Math.min(least.w, COLUMNS - own.x), COLUMNS - own.x);
  const target = { ...own, w, h: clamp(size.h, least.h, LIMITS.height) };
  const first = (each: B) =>
    !overlap(each, target) && (each.y < own.y || (each.y === own.y && each.x < own.x));
  const before = others.filter(first);
  const after = others.filter((each) => !first(each));
  return settled(boxes, [...readingOrder(before), target, ...readingOrder(after)]);
}

/** One step of the keyboard: the nearest place in that direction at which anything changes. */
export function stepped<B extends Box>(boxes: readonly B[], id: string, to: Direction): B[] {
  const own = boxes.find((each) => each.id === id);
  if (own === undefined) {
    return [...boxes];
  }
  const last = bottom(boxes);
  const [dx, dy] = STEPS[to];
  for (let n = 1; n <= Math.max(last, COLUMNS); n += 1) {
    const [x, y] = [own.x + dx * n, own.y + dy * n];
    if (x < 0 || x + own.w > COLUMNS || y < 0 || y > last) {
      break;
    }
    const next = moved(boxes, id, x, y);
    if (!samePlaces(boxes, next)) {
      return next;
    }
  }
  return [...boxes];
}

const STEPS: Readonly<Record<Direction, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

export function samePlaces(a: readonly Box[], b: readonly Box[]): boolean {
  return (
    a.length === b.length &&
    a.every((each, index) => {
      const other = b[index];
      return (
        other !== undefined &&
        each.id === other.id &&
        each.x === other.x &&
        each.y === other.y &&
        each.w === other.w &&
        each.h === other.h
      );
    })
  );
}

/** The highest free place for a box of that size, the leftmost of these. */
export function freePlace(boxes: readonly Box[], size: Size): { x: number; y: number } {
  const w = Math.min(size.w, COLUMNS);
  const last = bottom(boxes);
  for (let y = 0; y < last; y += 1) {
    for (let x = 0; x + w <= COLUMNS; x += 1) {
      const place = { id: "", x, y, w, h: size.h };
      if (!boxes.some((each) => overlap(each, place))) {
        return { x, y };
      }
    }
  }
  return { x: 0, y: last };
}

function split<B extends Box>(boxes: readonly B[], id: string) {
  return {
    own: boxes.find((each) => each.id === id),
    others: boxes.filter((each) => each.id !== id),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function within<B extends Box>(box: B): B {
  const w = clamp(box.w, 1, COLUMNS);
  const h = clamp(box.h, 1, LIMITS.height);
  return { ...box, w, h, x: clamp(box.x, 0, COLUMNS - w), y: Math.max(0, box.y) };
}

/** Lays the boxes down one after the other: below what it would cover, then as far up as it falls. */
function settled<B extends Box>(given: readonly B[], order: readonly B[]): B[] {
  const placed: B[] = [];
  for (const each of order) {
    placed.push(fallen(each, placed));
  }
  const byId = new Map(placed.map((each) => [each.id, each]));
  return given.map((each) => byId.get(each.id) ?? each);
}

function fallen<B extends Box>(box: B, placed: readonly B[]): B {
  let own = box;
  for (let under = cover(own, placed); under; under = cover(own, placed)) {
    own = { ...own, y: under.y + under.h };
  }
  while (own.y > 0 && !cover({ ...own, y: own.y - 1 }, placed)) {
    own = { ...own, y: own.y - 1 };
  }
  return own;
}

function cover<B extends Box>(box: B, placed: readonly B[]): B | undefined {
  return placed.find((each) => overlap(each, box));
}
