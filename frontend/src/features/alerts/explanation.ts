import { formatDuration, formatSeconds, plural } from "~/ui/format";
import type { Explanation } from "./model";

/** The explain document in short lines. Pure: names of channels and people are given. */

export type NameOf = (id: string | null | undefined) => string;
type People = NonNullable<Explanation["people"]>;

/** What a look at one period says: "2 of 3 points counted late", "12 points". */
export function pointsText(look: Explanation["window"][number]): string {
  const late = look.late_count > 0 ? `, ${plural(look.late_count, "point")} too late` : "";
  return `${plural(look.count, "point")}${late}`;
}

/** How breaching a period was, in a word. */
export function markText(look: Explanation["window"][number]): string {
  if (look.breaching === null) {
    return "No data";
  }
  return look.breaching ? "Breaching" : "Fine";
}

/** Who was told, a line for each page. */
export function tellings(people: People, channel: NameOf): string[] {
  return people.told.map((each) => {
    const to = each.channels.map(channel).join(", ") || "nobody";
    const again = CAUSES[each.cause];
    return `${FIRST[each.told]} to ${to} by the route ${each.route}${again}: ${each.status}`;
  });
}

const FIRST: Readonly<Record<People["told"][number]["told"], string>> = {
  firing: "Told as firing",
  resolved: "Told as resolved",
  unknown: "Told that its data stopped",
};
const CAUSES: Readonly<Record<People["told"][number]["cause"], string>> = {
  first: "",
  update: ", as an update",
  repeat: ", again",
  escalation: ", as an escalation",
  test: ", as a test",
};

/** One try to hand a page over: "on call: failed (500, the server said no)". */
export function attemptText(
  attempt: People["told"][number]["attempts"][number],
  channel: NameOf,
): string {
  const why = [attempt.status, attempt.error].filter((each) => each !== null).join(", ");
  return `${channel(attempt.channel)}: ${attempt.result}${why === "" ? "" : ` (${why})`}`;
}

/** Why nobody was told, where that is so. */
export function withheld(people: People): string[] {
  const silences = people.silences.map(
    (each) => `A silence mutes it${each.comment === "" ? "" : `: ${each.comment}`}`,
  );
  const held = people.withheld.map(
    (each) => `The route ${each.route} was held back by ${each.why}`,
  );
  return [...silences, ...held];
}

/** Which routes it takes, and why it takes no other. */
export function routeLines(people: People, channel: NameOf): string[] {
  const taken = people.routes.map(
    (each) => `${each.route}: ${each.channels.map(channel).join(", ") || "nobody"}`,
  );
  const others = people.looked_at
    .filter((each) => !each.matched)
    .map((each) => `${each.route} does not take it: ${each.why}`);
  return [...taken, ...others];
}

/** How long after the end of the period it was decided: "1.2 s after its end". */
export function closedAfter(bucket: NonNullable<Explanation["bucket"]>): string | null {
  if (bucket.closed_at === null) {
    return null;
  }
  const seconds = (bucket.closed_at - bucket.end) / 1000;
  return seconds < 0
    ? `${formatSeconds(-seconds)} before its end`
    : seconds >= 60
      ? `${formatDuration(seconds)} after its end`
      : `${formatSeconds(seconds)} after its end`;
}

/** The summary with people and channels by their names: the API tells them by their ids. */
export function namedSummary(found: Explanation, channel: NameOf, name: NameOf): string {
  const { people } = found;
  const channels = (people?.told ?? []).flatMap((each) => each.channels);
  const persons = [people?.engagement?.acknowledged_by, people?.engagement?.assignee];
  const names = new Map([
    ...channels.map((id) => [id, channel(id)] as const),
    ...persons.flatMap((id) => (id == null ? [] : [[id, name(id)] as const])),
  ]);
  // A short id such as "default" is a word that may stand for other things as well.
  return [...names]
    .filter(([id]) => id.length >= 16)
    .reduce((text, [id, called]) => text.replaceAll(id, () => called), found.summary);
}
