import { describe, expect, test } from "vitest";
import {
  bottom,
  compacted,
  freePlace,
  moved,
  overlap,
  readingOrder,
  resized,
  samePlaces,
  stepped,
} from "./layout";
import { type Box, COLUMNS } from "./model";

const box = (id: string, x: number, y: number, w: number, h: number): Box => ({ id, x, y, w, h });
const at = (boxes: readonly Box[], id: string) => {
  const found = boxes.find((each) => each.id === id);
  return found && [found.x, found.y, found.w, found.h];
};

describe("compacted", () => {
  test("boxes fall up until something holds them", () => {
    const boxes = compacted([box("a", 0, 3, 6, 2), box("b", 0, 9, 6, 2), box("c", 6, 5, 6, 1)]);
    expect([at(boxes, "a"), at(boxes, "b"), at(boxes, "c")]).toEqual([
      [0, 0, 6, 2],
      [0, 2, 6, 2],
      [6, 0, 6, 1],
    ]);
  });

  test("boxes that cover each other are parted", () => {
    const boxes = compacted([box("a", 0, 0, 6, 2), box("b", 3, 1, 6, 2)]);
    expect(at(boxes, "b")).toEqual([3, 2, 6, 2]);
  });

  test("what leaves the grid is brought back", () => {
    expect(at(compacted([box("a", 9, 0, 6, 2)]), "a")).toEqual([6, 0, 6, 2]);
    expect(at(compacted([box("a", 0, 0, 20, 2)]), "a")).toEqual([0, 0, 12, 2]);
  });
});

describe("moved", () => {
  const pair = [box("a", 0, 0, 6, 3), box("b", 0, 3, 6, 3)];

  test("a box dragged past the middle of the one below changes places with it", () => {
    expect(samePlaces(moved(pair, "a", 0, 1), pair)).toBe(true);
    expect(at(moved(pair, "a", 0, 2), "a")).toEqual([0, 3, 6, 3]);
    expect(at(moved(pair, "a", 0, 2), "b")).toEqual([0, 0, 6, 3]);
  });

  test("a box dragged past the middle of the one above changes places with it", () => {
    expect(samePlaces(moved(pair, "b", 0, 2), pair)).toBe(true);
    expect(at(moved(pair, "b", 0, 1), "b")).toEqual([0, 0, 6, 3]);
  });

  test("a box moved sideways keeps its row and pushes down what is there", () => {
    const boxes = moved([box("a", 0, 0, 6, 2), box("b", 6, 0, 6, 2)], "a", 3, 0);
    expect(at(boxes, "a")).toEqual([3, 0, 6, 2]);
    expect(at(boxes, "b")).toEqual([6, 2, 6, 2]);
  });

  test("a box cannot be moved out of the grid", () => {
    expect(at(moved(pair, "a", 11, -4), "a")).toEqual([6, 0, 6, 3]);
  });

  test("an unknown box moves nothing", () => {
    expect(moved(pair, "z", 3, 3)).toEqual(pair);
  });
});

describe("resized", () => {
  test("what is in the way goes down, the corner stays", () => {
    const boxes = resized([box("a", 0, 0, 4, 2), box("b", 4, 0, 4, 2)], "a", { w: 6, h: 2 });
    expect(at(boxes, "a")).toEqual([0, 0, 6, 2]);
    expect(at(boxes, "b")).toEqual([4, 2, 4, 2]);
  });

  test("it ends at the grid's edge and at the least size", () => {
    const boxes = [box("a", 6, 0, 4, 2)];
    expect(at(resized(boxes, "a", { w: 20, h: 2 }), "a")).toEqual([6, 0, 6, 2]);
    expect(at(resized(boxes, "a", { w: 0, h: 0 }, { w: 3, h: 2 }), "a")).toEqual([6, 0, 3, 2]);
  });
});

describe("stepped", () => {
  const pair = [box("a", 0, 0, 6, 3), box("b", 0, 3, 6, 3)];

  test("down goes past the next box in one step", () => {
    expect(at(stepped(pair, "a", "down"), "a")).toEqual([0, 3, 6, 3]);
  });

  test("right goes one column", () => {
    expect(at(stepped(pair, "a", "right"), "a")).toEqual([1, 0, 6, 3]);
  });

  test("at the edge nothing happens", () => {
    expect(samePlaces(stepped(pair, "a", "left"), pair)).toBe(true);
    expect(samePlaces(stepped(pair, "b", "down"), pair)).toBe(true);
  });
});

test("a free place is found before a row is added", () => {
  const boxes = [box("a", 0, 0, 6, 4), box("b", 6, 0, 6, 2)];
  expect(freePlace(boxes, { w: 6, h: 2 })).toEqual({ x: 6, y: 2 });
  expect(freePlace(boxes, { w: 12, h: 2 })).toEqual({ x: 0, y: 4 });
});

test("reading order is by rows, then columns", () => {
  const boxes = [box("c", 0, 2, 1, 1), box("b", 6, 0, 1, 1), box("a", 0, 0, 1, 1)];
  expect(readingOrder(boxes).map((each) => each.id)).toEqual(["a", "b", "c"]);
});

describe("whatever is done to whatever boxes", () => {
  /** Numbers that look like chance and are the same at every run (mulberry32). */
  function numbers(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
  }

  function check(boxes: readonly Box[], ids: readonly string[], told: string): void {
    expect(
      boxes.map((each) => each.id),
      told,
    ).toEqual(ids);
    for (const [index, each] of boxes.entries()) {
      expect(each.x >= 0 && each.y >= 0 && each.x + each.w <= COLUMNS, told).toBe(true);
      for (const other of boxes.slice(index + 1)) {
        expect(overlap(each, other), `${told}: ${each.id} covers ${other.id}`).toBe(false);
      }
    }
    expect(samePlaces(compacted(boxes), boxes), `${told}: still falls`).toBe(true);
  }

  test("none covers another, none leaves the grid, none hangs in the air, none is lost", () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const below = numbers(seed);
      const many = 1 + below(9);
      let boxes: Box[] = Array.from({ length: many }, (_, n) =>
        box(`p${n}`, below(14), below(12), 1 + below(14), 1 + below(5)),
      );
      const ids = boxes.map((each) => each.id);
      boxes = compacted(boxes);
      check(boxes, ids, `seed ${seed}, compacted`);
      for (let step = 0; step < 12; step += 1) {
        const id = ids[below(many)] ?? "";
        const told = `seed ${seed}, step ${step}, ${id}`;
        const own = boxes.find((each) => each.id === id);
        switch (below(3)) {
          case 0: {
            const x = below(COLUMNS);
            boxes = moved(boxes, id, x, below(bottom(boxes) + 2));
            const now = boxes.find((each) => each.id === id);
            expect(now?.x, told).toBe(Math.min(x, COLUMNS - (own?.w ?? 0)));
            break;
          }
          case 1:
            boxes = resized(boxes, id, { w: 1 + below(14), h: 1 + below(6) }, { w: 2, h: 2 });
            break;
          default:
            boxes = stepped(
              boxes,
              id,
              (["up", "down", "left", "right"] as const)[below(4)] ?? "up",
            );
        }
        check(boxes, ids, told);
      }
    }
  });
});
