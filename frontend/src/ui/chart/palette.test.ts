import tokens from "@cloudscape-design/design-tokens/index-visual-refresh.json";
import { describe, expect, test } from "vitest";
import { contrast, difference, VISIONS } from "./contrast";
import {
  ALL_TONES,
  COLOURS,
  frame,
  lineColour,
  lineDash,
  toneColour,
  withOpacity,
} from "./palette";

const CONTAINER = tokens.tokens["color-background-container-content"].$value;
const slots = Array.from({ length: COLOURS }, (_, slot) => slot);

test("contrast is WCAG's", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
});

describe.each(["light", "dark"] as const)("in the %s mode", (mode) => {
  test("the charts' background is the container's", () => {
    expect(frame(mode).background).toBe(CONTAINER[mode]);
  });

  test.each(slots)("line %i has a contrast of 3:1 or more", (slot) => {
    expect(contrast(lineColour(slot, mode), CONTAINER[mode])).toBeGreaterThanOrEqual(3);
  });

  test.each(ALL_TONES)("%s is legible as text", (tone) => {
    expect(contrast(toneColour(tone, mode), CONTAINER[mode])).toBeGreaterThanOrEqual(4.5);
  });

  test("what stands at the axes is legible", () => {
    expect(contrast(frame(mode).text, CONTAINER[mode])).toBeGreaterThanOrEqual(4.5);
  });

  test.each(VISIONS)("two lines never look alike to %s eyes", (vision) => {
    for (const a of slots) {
      for (const b of slots.slice(a + 1)) {
        const apart = difference(lineColour(a, mode), lineColour(b, mode), vision);
        expect(apart, `${a} and ${b}`).toBeGreaterThan(15);
      }
    }
  });
});

test("lines of the same colour have different dashes", () => {
  expect(lineColour(COLOURS, "light")).toBe(lineColour(0, "light"));
  expect(lineDash(0)).toEqual([]);
  expect(lineDash(COLOURS)).not.toEqual(lineDash(0));
  expect(lineDash(2 * COLOURS)).not.toEqual(lineDash(COLOURS));
});

test("opacity becomes the fourth byte", () => {
  expect(withOpacity("#0b6bcb", 0.5)).toBe("#0b6bcb80");
  expect(withOpacity("#0b6bcb", 7)).toBe("#0b6bcbff");
});
