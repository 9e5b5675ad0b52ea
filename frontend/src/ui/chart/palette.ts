import type { Mode } from "../theme";
import type { Tone } from "./types";

/**
 * Colours of lines, in the order in which they are given out. Chosen by computation: each has a contrast
 * of 3:1 or more to the page (WCAG 1.4.11), and any two stay apart for people who see no red, no green
 * or no blue (Machado 2009). After the last one the next round is dashed: colour is never alone.
 */
const LINES: Readonly<Record<Mode, readonly string[]>> = {
  light: ["#0b6bcb", "#d2781e", "#603024", "#f53884", "#690df2", "#8d0772", "#98693a", "#0b99d5"],
  dark: ["#539fe5", "#f39d1b", "#ebe8cb", "#e40c4d", "#7655f6", "#d50b84", "#b3daf4", "#f8c981"],
};

const DASHES: readonly (readonly number[])[] = [[], [8, 3], [2, 3], [10, 3, 2, 3]];

const TONES: Readonly<Record<Mode, Readonly<Record<Tone, string>>>> = {
  light: {
    critical: "#c3001d",
    high: "#b8470b",
    medium: "#8a6100",
    low: "#0b6bcb",
    info: "#4f6b8a",
    ok: "#117a3d",
    unknown: "#5f6b7a",
    accent: "#0b6bcb",
  },
  dark: {
    critical: "#ff7a7a",
    high: "#ff9350",
    medium: "#f2c14e",
    low: "#6fb1f5",
    info: "#9fb3cc",
    ok: "#4cc98a",
    unknown: "#9ba7b6",
    accent: "#539fe5",
  },
};

/** What is neither a line nor a meaning: the canvas knows no CSS, so the theme's values are repeated here. */
export interface Frame {
  readonly text: string;
  readonly grid: string;
  readonly background: string;
}

const FRAMES: Readonly<Record<Mode, Frame>> = {
  light: { text: "#424650", grid: "#e9ebed", background: "#ffffff" },
  dark: { text: "#c6c6cd", grid: "#2c3542", background: "#161d26" },
};

export const COLOURS = LINES.light.length;
export const ALL_TONES = Object.keys(TONES.light) as readonly Tone[];

export function lineColour(slot: number, mode: Mode): string {
  return LINES[mode][slot % COLOURS] as string;
}

/** The dash of a line, empty for a solid one: it tells apart those whose colours are the same. */
export function lineDash(slot: number): readonly number[] {
  return DASHES[Math.floor(slot / COLOURS) % DASHES.length] as readonly number[];
}

export function toneColour(tone: Tone, mode: Mode): string {
  return TONES[mode][tone];
}

export function frame(mode: Mode): Frame {
  return FRAMES[mode];
}

/** A colour with an opacity from 0 to 1, as #rrggbbaa. */
export function withOpacity(colour: string, opacity: number): string {
  const byte = Math.round(Math.min(1, Math.max(0, opacity)) * 255);
  return `${colour}${byte.toString(16).padStart(2, "0")}`;
}
