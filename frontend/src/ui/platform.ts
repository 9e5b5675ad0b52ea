/** Whether the key beside the space bar is Cmd. */
export function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}

/** Keys as they are printed: "Ctrl K", "g then m". */
export function printed(keys: string): string {
  const mod = isApple() ? "⌘" : "Ctrl ";
  return keys
    .split(" ")
    .map((each) => each.replace(/^mod\+(.)$/, (_, key: string) => mod + key.toUpperCase()))
    .join(" then ");
}
