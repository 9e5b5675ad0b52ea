import { contentFrom } from "./importing";
import type { Content } from "./model";

/** Dashboards that come with the console: any tenant can open them, and copy them to change them. */
export interface ReadyMade {
  /** As in the address: /dashboards/ready-made:host */
  readonly id: string;
  readonly content: Content;
}

const PREFIX = "ready-made:";

export function isReadyMade(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** Reads the definitions, by their file's names. Throws for one that is wrong: a test reads them all. */
export function readyMadeFrom(files: Readonly<Record<string, unknown>>): ReadyMade[] {
  return Object.entries(files)
    .map(([path, source]) => {
      const found = contentFrom(source);
      if ("wrong" in found) {
        const told = found.wrong.map((each) => `${each.field} ${each.reason}`).join("; ");
        throw new Error(`the ready-made dashboard ${path} is wrong: ${told}`);
      }
      const name = path.replace(/^.*\//, "").replace(/\.json$/, "");
      return { id: `${PREFIX}${name}`, content: found.content };
    })
    .sort((a, b) => (a.content.name < b.content.name ? -1 : 1));
}

export const READY_MADE: readonly ReadyMade[] = readyMadeFrom(
  import.meta.glob("./ready-made/*.json", { eager: true, import: "default" }),
);
