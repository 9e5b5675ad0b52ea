/** Moments in words. Pure: the moment of reading and the zone are arguments. Times are epoch ms. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Longer ago than this, a date says more than a number of days. */
const RELATIVE_DAYS = 7;

/** "just now", "40 s ago", "5 min ago", "in 3 h", "2 days ago"; a date when it is over a week. */
export function relative(at: number, now: number, zone?: string): string {
  const distance = Math.abs(now - at);
  if (distance < 5_000) {
    return "just now";
  }
  if (distance >= RELATIVE_DAYS * DAY) {
    return absolute(at, zone);
  }
  const words = inWords(distance);
  return at > now ? `in ${words}` : `${words} ago`;
}

function inWords(distance: number): string {
  if (distance < MINUTE) {
    return `${Math.floor(distance / 1000)} s`;
  }
  if (distance < HOUR) {
    return `${Math.floor(distance / MINUTE)} min`;
  }
  if (distance < DAY) {
    return `${Math.floor(distance / HOUR)} h`;
  }
  const days = Math.floor(distance / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

/** "22 Nov 2026, 23:16:05" in the zone; the viewer's when none is given. */
export function absolute(at: number, zone?: string): string {
  return formatted(at, { day: "numeric", month: "short", year: "numeric", ...CLOCK }, zone);
}

/** "23:16:05" alone: for axes and lists of one day. */
export function clockTime(at: number, zone?: string): string {
  return formatted(at, CLOCK, zone);
}

/** "22 Nov 2026, 22:16:05 UTC". */
export function utc(at: number): string {
  return `${absolute(at, "UTC")} UTC`;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;

/** Making a formatter costs more than using it a thousand times. */
const made = new Map<string, Intl.DateTimeFormat>();

function formatted(at: number, options: Intl.DateTimeFormatOptions, zone?: string): string {
  const key = `${zone ?? ""} ${Object.keys(options).join()}`;
  let format = made.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      ...options,
      ...(zone === undefined ? {} : { timeZone: zone }),
    });
    made.set(key, format);
  }
  return format.format(at);
}
