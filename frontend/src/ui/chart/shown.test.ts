import { describe, expect, test } from "vitest";
import { afterClick, chooseShown } from "./shown";

const line = (id: string, value: number) => ({
  id,
  label: id,
  tags: {},
  timestamps: [0],
  values: [value],
});

describe("many series", () => {
  test("few are all shown, each with its colour", () => {
    const { series, folded } = chooseShown([line("a", 1), { ...line("b", 2), slot: 7 }]);
    expect(series.map((each) => each.slot)).toEqual([0, 7]);
    expect(folded).toBe(0);
  });

  test("of 500 the largest are shown in their order, and the rest is counted", () => {
    const many = Array.from({ length: 500 }, (_, i) => line(`s${i}`, i % 2 === 0 ? -i : i));
    const { series, folded } = chooseShown(many, 3);
    expect(series.map((each) => each.id)).toEqual(["s497", "s498", "s499"]);
    expect(series.map((each) => each.slot)).toEqual([0, 1, 2]);
    expect(folded).toBe(497);
  });

  test("a series without values comes last", () => {
    const empty = { ...line("empty", 0), values: [null] };
    expect(chooseShown([empty, line("zero", 0)], 1).series[0]?.id).toBe("zero");
  });
});

describe("a click in the legend", () => {
  const ids = ["a", "b", "c"];

  test("shows one alone, and again all", () => {
    const alone = afterClick(new Set(), ids, "b", false);
    expect([...alone]).toEqual(["a", "c"]);
    expect(afterClick(alone, ids, "b", false).size).toBe(0);
  });

  test("on another one goes over to that", () => {
    expect([...afterClick(new Set(["a", "c"]), ids, "c", false)]).toEqual(["a", "b"]);
  });

  test("with Ctrl hides and shows that one", () => {
    const without = afterClick(new Set(), ids, "b", true);
    expect([...without]).toEqual(["b"]);
    expect(afterClick(without, ids, "b", true).size).toBe(0);
  });

  test("never hides all", () => {
    expect(afterClick(new Set(["a", "b"]), ids, "c", true).size).toBe(0);
  });
});
