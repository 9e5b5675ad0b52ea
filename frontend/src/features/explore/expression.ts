/** What an expression is made of, and where it cannot be read; `at` is a character's place from 0. */
export interface Checked {
  /** The ids that it names, each once. */
  readonly names: readonly string[];
  readonly wrong: { readonly at: number; readonly reason: string } | null;
}

/** Functions and how many arguments they take (docs/query-language.md). */
const FUNCTIONS: Readonly<Record<string, readonly number[]>> = {
  abs: [1],
  ceil: [1],
  floor: [1],
  round: [1],
  sqrt: [1],
  ln: [1],
  log10: [1],
  min: [1, 2],
  max: [1, 2],
  clamp: [3],
  sum: [1],
  avg: [1],
  topk: [2],
  bottomk: [2],
};
export const FUNCTION_NAMES = Object.keys(FUNCTIONS);
const LONGEST = 1_000;
const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|([-+*/%^(),]))/y;

interface Token {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

class Wrong extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const blanks = text.slice(at).length - text.slice(at).trimStart().length;
    if (match === null) {
      throw new Wrong(at + blanks, `"${text[at + blanks]}" means nothing here`);
    }
    const kind = match[1] !== undefined ? "number" : match[2] !== undefined ? "name" : "sign";
    found.push({ kind, text: match[0].trim(), at: at + blanks });
    at = TOKEN.lastIndex;
  }
  return [...found, { kind: "end", text: "the end", at: text.length }];
}

/** Reads by precedence: sums of products of signed powers of atoms. Values are never computed here. */
class Reader {
  readonly names = new Set<string>();
  private place = 0;
  private readonly all: readonly Token[];
  private readonly known: ReadonlySet<string>;

  constructor(all: readonly Token[], known: ReadonlySet<string>) {
    this.all = all;
    this.known = known;
  }

  whole(): void {
    this.sum();
    const rest = this.next();
    if (rest.kind !== "end") {
      throw new Wrong(rest.at, `expected an operator before "${rest.text}"`);
    }
  }

  private chain(signs: readonly string[], part: () => void): void {
    part();
    while (this.peek().kind === "sign" && signs.includes(this.peek().text)) {
      this.next();
      part();
    }
  }

  private sum(): void {
    this.chain(["+", "-"], () => this.chain(["*", "/", "%"], () => this.signed()));
  }

  private signed(): void {
    if (this.takes("-")) {
      this.signed();
    } else {
      this.atom();
      if (this.takes("^")) {
        this.signed();
      }
    }
  }

  private atom(): void {
    const token = this.next();
    if (token.kind === "number") {
      return;
    }
    if (token.kind === "name" && this.peek().text === "(") {
      this.call(token);
    } else if (token.kind === "name") {
      this.name(token);
    } else if (token.text === "(") {
      this.sum();
      this.close(token.at);
    } else {
      throw new Wrong(token.at, `expected a query's letter or a number, not ${quoted(token)}`);
    }
  }

  private call(token: Token): void {
    const takes = FUNCTIONS[token.text];
    if (takes === undefined) {
      throw new Wrong(token.at, `there is no function "${token.text}"`);
    }
    const opened = this.next().at;
    let count = 0;
    do {
      this.sum();
      count += 1;
    } while (this.takes(","));
    this.close(opened);
    if (!takes.includes(count)) {
      throw new Wrong(token.at, `"${token.text}" takes ${takes.join(" or ")}, not ${count}`);
    }
  }

  private name(token: Token): void {
    if (!this.known.has(token.text)) {
      throw new Wrong(token.at, `there is no query "${token.text}"`);
    }
    this.names.add(token.text);
  }

  private close(opened: number): void {
    if (!this.takes(")")) {
      throw new Wrong(opened, "this parenthesis is not closed");
    }
  }

  private takes(sign: string): boolean {
    const found = this.peek().kind === "sign" && this.peek().text === sign;
    this.place += found ? 1 : 0;
    return found;
  }

  private peek(): Token {
    return this.all[Math.min(this.place, this.all.length - 1)] as Token;
  }

  private next(): Token {
    const token = this.peek();
    this.place += 1;
    return token;
  }
}

function quoted(token: Token): string {
  return token.kind === "end" ? token.text : `"${token.text}"`;
}

/** Checks what can be known before the API is asked; `known` are the ids of the other queries. */
export function check(text: string, known: ReadonlySet<string>): Checked {
  if (text.length > LONGEST) {
    return { names: [], wrong: { at: LONGEST, reason: "at most 1,000 characters" } };
  }
  try {
    const reader = new Reader(tokens(text), known);
    reader.whole();
    return { names: [...reader.names], wrong: null };
  } catch (error) {
    if (error instanceof Wrong) {
      return { names: [], wrong: { at: error.at, reason: error.message } };
    }
    throw error;
  }
}
