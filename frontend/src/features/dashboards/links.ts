/** A stretch of a text panel: plain words, or an address that becomes a link. */
export interface Stretch {
  readonly text: string;
  readonly href?: string;
}

/** http and https alone: an address that runs a script is shown as the words it is. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/gi;

/** Marks that end a sentence rather than an address. */
const AFTER = /[.,;:!?]+$/;

export function stretchesOf(line: string): Stretch[] {
  const found: Stretch[] = [];
  let from = 0;
  for (const match of line.matchAll(ADDRESS)) {
    const text = trimmed(match[0]);
    if (!URL.canParse(text)) {
      continue;
    }
    if (match.index > from) {
      found.push({ text: line.slice(from, match.index) });
    }
    found.push({ text, href: text });
    from = match.index + text.length;
  }
  if (from < line.length) {
    found.push({ text: line.slice(from) });
  }
  return found;
}

/** Without what belongs to the sentence around it: a full stop, a bracket that was opened before. */
function trimmed(address: string): string {
  let text = address.replace(AFTER, "");
  while (text.endsWith(")") && count(text, ")") > count(text, "(")) {
    text = text.slice(0, -1).replace(AFTER, "");
  }
  return text;
}

function count(text: string, mark: string): number {
  return text.split(mark).length - 1;
}
