/** One field that the API refused, by its dotted name, with the reason. */
export interface WrongField {
  readonly field: string;
  readonly reason: string;
}

/** An answer of the API that is no success (RFC 9457), or none at all (status 0). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly title: string;
  readonly errors: readonly WrongField[];
  /** Seconds after which it may be tried again, where the API said so. */
  readonly retryAfter: number | null;
  /** The whole document: some problems carry more, as what is stored now beside a 412. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    document: Readonly<Record<string, unknown>>,
    retryAfter: number | null,
  ) {
    const title = text(document.title) ?? `The API answered ${status}`;
    super(text(document.detail) ?? title);
    this.name = "ApiProblem";
    this.status = status;
    this.title = title;
    this.errors = Array.isArray(document.errors) ? document.errors.filter(isWrongField) : [];
    this.retryAfter = retryAfter;
    this.document = document;
  }

  /** The reason why this field was refused. */
  of(field: string): string | undefined {
    return this.errors.find((each) => each.field === field)?.reason;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function isWrongField(value: unknown): value is WrongField {
  const found = value as Partial<WrongField> | null;
  return typeof found?.field === "string" && typeof found.reason === "string";
}

/** The problem that an answer tells; an answer that is no problem document keeps its status. */
export async function problemOf(answer: Response): Promise<ApiProblem> {
  const seconds = Number(answer.headers.get("Retry-After") ?? Number.NaN);
  const body = await answer.text();
  return new ApiProblem(answer.status, parsed(body), Number.isFinite(seconds) ? seconds : null);
}

function parsed(body: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(body);
    return typeof document === "object" && document !== null
      ? (document as Record<string, unknown>)
      : {};
  } catch {
    // A gateway's own page, say: the status tells all there is to know.
    return {};
  }
}

/** Nothing answered: the network, the browser being offline, or a time limit. */
export function unreachable(reason: string): ApiProblem {
  return new ApiProblem(0, { title: "The API cannot be reached", detail: reason }, null);
}
