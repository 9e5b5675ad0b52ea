const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Formats of a time axis in one zone; made once, since an Intl format is slow to make. */
export interface TickFormats {
  readonly day: (time: number) => string;
  readonly minute: (time: number) => string;
  readonly second: (time: number) => string;
  readonly milliseconds: (time: number) => string;
}

export function tickFormats(locale?: string, timeZone?: string): TickFormats {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(locale, {
      ...options,
      hourCycle: "h23",
      ...(timeZone === undefined ? {} : { timeZone }),
    });
    return (time: number) => made.format(time);
  };
  const minute = { hour: "2-digit", minute: "2-digit" } as const;
  const second = { ...minute, second: "2-digit" } as const;
  return {
    day: format({ day: "numeric", month: "short" }),
    minute: format(minute),
    second: format(second),
    milliseconds: format({ ...second, fractionalSecondDigits: 3 }),
  };
}

/** The texts at a time axis: the time, and below it the day where that begins or is not yet told. */
export function timeTicks(
  times: readonly number[],
  increment: number,
  formats: TickFormats,
): string[] {
  if (increment >= DAY) {
    return times.map(formats.day);
  }
  const text =
    increment >= MINUTE
      ? formats.minute
      : increment >= SECOND
        ? formats.second
        : formats.milliseconds;
  let told = "";
  return times.map((time) => {
    const day = formats.day(time);
    const isNew = day !== told;
    told = day;
    return isNew ? `${text(time)}\n${day}` : text(time);
  });
}
