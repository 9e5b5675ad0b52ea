const TOLERATED_MS = 60_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What to tell of a browser's clock that is `skew` ms behind (ahead when negative); null when it is near enough. */
export function clockHint(skew: number): string | null {
  const size = Math.abs(skew);
  if (size <= TOLERATED_MS) {
    return null;
  }
  const minutes = Math.round(size / MINUTE);
  const hours = Math.round(size / HOUR);
  const amount =
    size < HOUR
      ? counted(minutes, "minute")
      : size < 48 * HOUR
        ? counted(hours, "hour")
        : counted(Math.round(hours / 24), "day");
  const where = skew > 0 ? "behind" : "ahead";
  return `The clock of this computer is ${amount} ${where}. Skafu shows times by its own clock, but signing in may fail: set the computer's clock right.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
