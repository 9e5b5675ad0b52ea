import type { Unit } from "./model";

/** CloudWatch's units, as the API takes them: those that people need most come first. */
export const UNITS: readonly Unit[] = [
  ...(["None", "Percent", "Count", "Count/Second"] as const),
  ...(["Seconds", "Milliseconds", "Microseconds"] as const),
  ...(["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"] as const),
  ...(["Bytes/Second", "Kilobytes/Second", "Megabytes/Second"] as const),
  ...(["Gigabytes/Second", "Terabytes/Second"] as const),
  ...(["Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"] as const),
  ...(["Bits/Second", "Kilobits/Second", "Megabits/Second"] as const),
  ...(["Gigabits/Second", "Terabits/Second"] as const),
];
