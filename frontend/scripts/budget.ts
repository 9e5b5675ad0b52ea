/**
 * How much a browser has to load, in KB after gzip, against budget.json: the sign-in page, the console's
 * first page, what each further page alone brings along, and all there is. What several pages share (the
 * table, the chart) is loaded with the first of them; of each page is told, too, what it needs if it is
 * the first that is opened. Run by `npm run budget`; exits with 1 when something is more than it may be.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

type Chunk = Rolldown.OutputChunk;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BUDGET = JSON.parse(
  readFileSync(new URL("../budget.json", import.meta.url), "utf-8"),
) as Record<"sign_in_js" | "console_js" | "console_css" | "route_js" | "all_js", number>;

const made = (await build({
  root: ROOT,
  logLevel: "error",
  build: { write: false },
})) as Rolldown.RolldownOutput;
const chunks = new Map(
  made.output.filter((each) => each.type === "chunk").map((each) => [each.fileName, each]),
);
const sizes = new Map(
  made.output.map((each) => [
    each.fileName,
    gzipSync(each.type === "chunk" ? each.code : each.source).length / 1000,
  ]),
);

/** All chunks that these load before they run, themselves included. */
function closure(begin: readonly Chunk[]): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = begin.map((each) => each.fileName);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (!found.has(name)) {
      found.add(name);
      queue.push(...(chunks.get(name)?.imports ?? []));
    }
  }
  return found;
}

function kilobytes(names: Iterable<string>): number {
  return [...names].reduce((all, name) => all + (sizes.get(name) ?? 0), 0);
}

function styles(names: Iterable<string>): ReadonlySet<string> {
  return new Set(
    [...names].flatMap((name) => [...(chunks.get(name)?.viteMetadata?.importedCss ?? [])]),
  );
}

/** The chunk that begins with this source, if it has one of its own. */
function of(source: string): readonly Chunk[] {
  return [...chunks.values()].filter((each) => each.facadeModuleId?.endsWith(source));
}

const entry = [...chunks.values()].filter((each) => each.isEntry);
const signIn = closure([...entry, ...of("/features/sign-in/page.tsx")]);
const first = closure([...entry, ...of("/app/app.tsx"), ...of("/features/home/page.tsx")]);
const pages = [...chunks.values()].filter((each) =>
  /\/features\/(?!home|sign-in).*page\.tsx$/.test(each.facadeModuleId ?? ""),
);

let isOver = false;
function tell(what: string, size: number, most: number): void {
  isOver ||= size > most;
  const verdict = size > most ? "OVER" : "ok";
  process.stdout.write(
    `${what.padEnd(44)}${size.toFixed(1).padStart(7)} of ${most} KB  ${verdict}\n`,
  );
}

tell("sign-in: JavaScript", kilobytes(signIn), BUDGET.sign_in_js);
tell("console with Home: JavaScript", kilobytes(first), BUDGET.console_js);
tell("console with Home: CSS", kilobytes(styles(first)), BUDGET.console_css);
const needs = new Map(
  pages.map((page) => [page, [...closure([page])].filter((name) => !first.has(name))]),
);
const users = new Map<string, number>();
for (const name of [...needs.values()].flat()) {
  users.set(name, (users.get(name) ?? 0) + 1);
}
for (const [page, names] of needs) {
  const name = page.facadeModuleId?.replace(/.*\/features\//, "") ?? page.fileName;
  const alone = names.filter((each) => users.get(each) === 1);
  tell(
    `${name} (${kilobytes(names).toFixed(0)} if it is the first)`,
    kilobytes(alone),
    BUDGET.route_js,
  );
}
tell("everything: JavaScript", kilobytes(chunks.keys()), BUDGET.all_js);
process.exitCode = isOver ? 1 : 0;
