import type { Row } from "./data";

export type SortField = "name" | "panels" | "updated_at";

/** Rows whose name or description holds all words, in any case. */
export function matching(rows: readonly Row[], text: string): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const told = `${row.name} ${row.description}`.toLowerCase();
    return words.every((word) => told.includes(word));
  });
}

export function sorted(rows: readonly Row[], field: SortField, descending: boolean): Row[] {
  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const compare = (a: Row, b: Row) =>
    field === "name" ? order.compare(a.name, b.name) : a[field] - b[field];
  return [...rows].sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
}

/** "Copy of Hosts", within the length that a name may have. */
export function copyName(name: string, most = 200): string {
  return [...`Copy of ${name}`].slice(0, most).join("");
}
