import type { Condition } from "./model";

/**
 * A composite's condition as text: "cpu is high" and ("host is silent" or not "deploy runs").
 * Alerts stand by their names in quotes, or by their ids without; `not` binds tighter than `and`,
 * `and` tighter than `or`. A backslash goes before a quote or a backslash of a name.
 */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** What was written, or what is wrong with it: `at` is where in the text. */
export type Parsed =
  | { readonly condition: Condition }
  | { readonly problem: string; readonly at: number };

interface Token {
  readonly kind: "(" | ")" | "and" | "or" | "not" | "name" | "id" | "end";
  readonly text: string;
  readonly at: number;
}

class Wrong extends Error {
  readonly at: number;
  constructor(problem: string, at: number) {
    super(problem);
    this.at = at;
  }
}

const WORDS: ReadonlySet<string> = new Set(["and", "or", "not"]);
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const PIECE = /\s+|[()]|"(?:[^"\\]|\\.)*"?|[^\s()"]+/gy;
const DEEPEST = 8;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (const { 0: piece, index: at } of text.matchAll(PIECE)) {
    if (/^\s/.test(piece)) {
      continue;
    }
    if (piece === "(" || piece === ")") {
      found.push({ kind: piece, text: piece, at });
    } else if (piece.startsWith('"')) {
      if (piece.length < 2 || !/(^|[^\\])(\\\\)*"$/.test(piece.slice(1))) {
        throw new Wrong("This name has no closing quote.", at);
      }
      found.push({ kind: "name", text: piece.slice(1, -1).replace(/\\(.)/g, "$1"), at });
    } else {
      const word = piece.toLowerCase();
      const kind = WORDS.has(word) ? (word as Token["kind"]) : "id";
      found.push({ kind, text: piece, at });
    }
  }
  found.push({ kind: "end", text: "", at: text.length });
  return found;
}

class Parser {
  private place = 0;
  private readonly tokens: readonly Token[];
  private readonly known: readonly Named[];

  constructor(tokens: readonly Token[], known: readonly Named[]) {
    this.tokens = tokens;
    this.known = known;
  }

  rule(): Condition {
    const found = this.joined("or", 0);
    const rest = this.next();
    if (rest.kind !== "end") {
      throw new Wrong("Write and, or, or nothing here.", rest.at);
    }
    return found;
  }

  private next(): Token {
    return this.tokens[this.place] ?? { kind: "end", text: "", at: 0 };
  }

  private take(): Token {
    const token = this.next();
    this.place += 1;
    return token;
  }

  private joined(word: "or" | "and", depth: number): Condition {
    const part = () => (word === "or" ? this.joined("and", depth) : this.single(depth));
    const parts = [part()];
    while (this.next().kind === word) {
      this.take();
      parts.push(part());
    }
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) {
      return only;
    }
    return word === "or" ? { any: parts } : { all: parts };
  }

  private single(depth: number): Condition {
    const token = this.take();
    if (depth > DEEPEST) {
      throw new Wrong(`This is nested deeper than ${DEEPEST}.`, token.at);
    }
    switch (token.kind) {
      case "not":
        return { not: this.single(depth + 1) };
      case "(": {
        const found = this.joined("or", depth + 1);
        const closing = this.take();
        if (closing.kind !== ")") {
          throw new Wrong("A closing bracket is missing.", closing.at);
        }
        return found;
      }
      case "name":
        return { alert: this.idOf(token) };
      case "id":
        if (!ID.test(token.text)) {
          throw new Wrong("Put the names of alerts in quotes.", token.at);
        }
        return { alert: token.text };
      default:
        throw new Wrong("An alert is missing here: write its name in quotes.", token.at);
    }
  }

  private idOf(token: Token): string {
    const found = this.known.filter((each) => each.name === token.text);
    const [only] = found;
    if (only === undefined) {
      throw new Wrong(`No alert is called “${token.text}”.`, token.at);
    }
    if (found.length > 1) {
      throw new Wrong(
        `${found.length} alerts are called “${token.text}”: pick one from the list.`,
        token.at,
      );
    }
    return only.id;
  }
}

/** Reads a rule; names are looked up among the alerts that are known. */
export function parseRule(text: string, known: readonly Named[]): Parsed {
  try {
    return { condition: new Parser(tokens(text), known).rule() };
  } catch (error) {
    if (error instanceof Wrong) {
      return { problem: error.message, at: error.at };
    }
    throw error;
  }
}

/** How an alert is written in a rule: by its name if that tells it from all others. */
export function written(id: string, known: readonly Named[]): string {
  const name = known.find((each) => each.id === id)?.name;
  if (name === undefined || known.filter((each) => each.name === name).length > 1) {
    return WORDS.has(id.toLowerCase()) ? JSON.stringify(id) : id;
  }
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}

/** The text of a condition; brackets only where they are needed. */
export function ruleText(condition: Condition, known: readonly Named[], within = "or"): string {
  if (condition.alert !== undefined) {
    return written(condition.alert, known);
  }
  if (condition.not !== undefined) {
    return `not ${ruleText(condition.not, known, "not")}`;
  }
  const word = condition.any === undefined ? "and" : "or";
  const parts = condition.any ?? condition.all ?? [];
  const inner = parts.map((each) => ruleText(each, known, word)).join(` ${word} `);
  const needed = parts.length > 1 && (within === "not" || (within === "and" && word === "or"));
  return needed || (within === word && parts.length > 1 && within !== "or") ? `(${inner})` : inner;
}

/** The ids that a condition names, each once. */
export function namedIn(condition: Condition | null | undefined): string[] {
  if (condition == null) {
    return [];
  }
  if (condition.alert !== undefined) {
    return [condition.alert];
  }
  const parts = condition.not ? [condition.not] : (condition.all ?? condition.any ?? []);
  return [...new Set(parts.flatMap(namedIn))];
}
