/** What the command palette offers, and in which order. Pure. */

export interface Target {
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly search?: Readonly<Record<string, unknown>>;
}

export interface Entry {
  /** Unique among all entries. */
  readonly id: string;
  readonly group: Group;
  readonly label: string;
  /** Beside the label, quietly: a key, say. */
  readonly hint?: string;
  /** Further words by which it is found. */
  readonly words?: string;
  /** Where it leads, or what it does. */
  readonly to: Target | (() => void);
}

export type Group = "Recent" | "Pages" | "Dashboards" | "Alerts" | "Metrics" | "Commands";

const ORDER: readonly Group[] = ["Recent", "Pages", "Dashboards", "Alerts", "Metrics", "Commands"];
const MOST_PER_GROUP = 8;

/**
 * How well an entry fits what was typed; 0 for not at all. Each word must be found: best where the
 * label begins with it, then where one of its words does, then anywhere.
 */
export function closeness(typed: string, entry: Pick<Entry, "label" | "words">): number {
  const label = entry.label.toLowerCase();
  const all = `${label} ${entry.words?.toLowerCase() ?? ""}`;
  let sum = 0;
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const score = label.startsWith(word) ? 3 : begins(all, word) ? 2 : all.includes(word) ? 1 : 0;
    if (score === 0) {
      return 0;
    }
    sum += score;
  }
  return sum === 0 ? 1 : sum;
}

/** Whether one of the words in it begins so; dots and slashes part words, as in names of metrics. */
function begins(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || /[^a-z0-9]/.test(text.charAt(at - 1))) {
      return true;
    }
  }
  return false;
}

/** Those that closeness, by group; in a group the best first. What is recent is not offered twice. */
export function offered(typed: string, entries: readonly Entry[]): readonly Entry[] {
  const found = entries
    .map((entry) => ({ entry, score: closeness(typed, entry) }))
    .filter((each) => each.score > 0);
  const recent = new Set(
    found.filter((each) => each.entry.group === "Recent").map((each) => destination(each.entry)),
  );
  return ORDER.flatMap((group) =>
    found
      .filter((each) => each.entry.group === group)
      .filter((each) => group === "Recent" || !recent.has(destination(each.entry)))
      .sort((a, b) => b.score - a.score)
      .slice(0, MOST_PER_GROUP)
      .map((each) => each.entry),
  );
}

/** The same for entries that lead to the same place. */
export function destination(entry: Entry): string {
  return typeof entry.to === "function" ? entry.id : JSON.stringify(entry.to);
}

/** What was opened last: the newest first, each once. */
export interface Recent {
  readonly label: string;
  readonly hint: string;
  readonly to: Target;
}

const MOST_RECENT = 6;

export function withRecent(before: readonly Recent[], opened: Recent): readonly Recent[] {
  const place = JSON.stringify(opened.to);
  return [opened, ...before.filter((each) => JSON.stringify(each.to) !== place)].slice(
    0,
    MOST_RECENT,
  );
}
