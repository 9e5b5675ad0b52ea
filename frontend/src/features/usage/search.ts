const DAYS = [7, 30, 90] as const;

/** How many days are shown. */
export interface Search {
  readonly days: number;
}

export function parseSearch(search: Readonly<Record<string, unknown>>): Search {
  const days = Number(search.days);
  return { days: DAYS.some((each) => each === days) ? days : 30 };
}
