import type { WrongField } from "~/api/problem";

/**
 * Reads what somebody else wrote, field by field: each `take` gives a value that is right, or notes
 * what is wrong with which field (dotted paths, as the API's own refusals have them) and gives a
 * stand-in, so that all that is wrong is told at once.
 */
export class Fields {
  readonly wrong: WrongField[] = [];
  readonly #source: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #taken = new Set<string>();

  constructor(source: unknown, path = "", wrong: WrongField[] = []) {
    this.wrong = wrong;
    this.#path = path;
    const isObject = typeof source === "object" && source !== null && !Array.isArray(source);
    this.#source = isObject ? (source as Record<string, unknown>) : {};
    if (!isObject) {
      this.wrong.push({ field: path || "the file", reason: "must be an object: { ... }" });
    }
  }

  refuse(field: string, reason: string): void {
    this.wrong.push({ field: this.at(field), reason });
  }

  at(field: string): string {
    return this.#path === "" ? field : `${this.#path}.${field}`;
  }

  /** The value as it is; undefined for none, and for null, which means the same. */
  raw(field: string): unknown {
    this.#taken.add(field);
    return Object.hasOwn(this.#source, field) ? (this.#source[field] ?? undefined) : undefined;
  }

  text(field: string, most: number, standard?: string): string {
    const value = this.raw(field);
    if (value === undefined && standard !== undefined) {
      return standard;
    }
    if (typeof value !== "string") {
      this.refuse(field, value === undefined ? "is required" : "must be a text");
      return standard ?? "";
    }
    if ([...value].length > most) {
      this.refuse(field, `has ${[...value].length} characters; ${most} are allowed`);
    }
    return value;
  }

  optionalText(field: string, most: number): string | undefined {
    return this.raw(field) === undefined ? undefined : this.text(field, most);
  }

  whole(field: string, least: number, most: number, standard?: number): number {
    const value = this.raw(field);
    if (value === undefined && standard !== undefined) {
      return standard;
    }
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      this.refuse(field, `must be a whole number from ${least} to ${most}`);
      return standard ?? least;
    }
    return value;
  }

  number(field: string): number {
    const value = this.raw(field);
    if (typeof value !== "number" || !Number.isFinite(value)) {
      this.refuse(field, "must be a number");
      return 0;
    }
    return value;
  }

  yes(field: string): boolean {
    const value = this.raw(field) ?? false;
    if (typeof value !== "boolean") {
      this.refuse(field, "must be true or false");
    }
    return value === true;
  }

  oneOf<T extends string>(field: string, known: readonly T[], standard?: T): T {
    const value = this.raw(field);
    if (value === undefined && standard !== undefined) {
      return standard;
    }
    const found = known.find((each) => each === value);
    if (found === undefined) {
      this.refuse(field, `must be one of ${known.join(", ")}`);
    }
    return found ?? (standard as T) ?? (known[0] as T);
  }

  matching(field: string, pattern: RegExp, told: string): string {
    const value = this.text(field, 256);
    if (typeof this.raw(field) === "string" && !pattern.test(value)) {
      this.refuse(field, told);
    }
    return value;
  }

  texts(field: string, most: number): string[] {
    return this.items(field, most, (value, path) => {
      if (typeof value !== "string") {
        this.wrong.push({ field: path, reason: "must be a text" });
      }
      return String(value);
    });
  }

  object(field: string): Fields {
    return new Fields(this.raw(field), this.at(field), this.wrong);
  }

  objects<T>(field: string, most: number, read: (fields: Fields) => T): T[] {
    return this.items(field, most, (value, path) => {
      const fields = new Fields(value, path, this.wrong);
      const found = read(fields);
      fields.done();
      return found;
    });
  }

  items<T>(field: string, most: number, read: (value: unknown, path: string) => T): T[] {
    const value = this.raw(field) ?? [];
    if (!Array.isArray(value)) {
      this.refuse(field, "must be a list: [ ... ]");
      return [];
    }
    if (value.length > most) {
      this.refuse(field, `has ${value.length} entries; ${most} are allowed`);
      return [];
    }
    return value.map((each, index) => read(each, `${this.at(field)}.${index}`));
  }

  /** Refuses what nobody asked for: a field that is not known is likely mistyped. */
  done(ignored: readonly string[] = []): void {
    for (const field of Object.keys(this.#source)) {
      if (!this.#taken.has(field) && !ignored.includes(field)) {
        this.refuse(field, "is not a field of a dashboard");
      }
    }
  }
}
