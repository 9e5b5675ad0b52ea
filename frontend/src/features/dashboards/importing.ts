import type { WrongField } from "~/api/problem";
import { Fields } from "./fields";
import { MAX_TAG_KEY, metricName, query } from "./importing-queries";
import { compacted } from "./layout";
import {
  COLUMNS,
  type Content,
  LIMITS,
  PANEL_KINDS,
  type Panel,
  type PanelType,
  type Severity,
  type Unit,
  type Variable,
} from "./model";
import { variableIn } from "./substitution";
import { UNITS } from "./units";

/** A dashboard that can be stored, or all that is wrong with the text, by field. */
export type Imported = { readonly content: Content } | { readonly wrong: readonly WrongField[] };

export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];
/** What an answer of the API has beside what is asked for: an answer can be imported, too. */
const ANSWERED = ["id", "version", "created_at", "updated_at", "updated_by"];

/** Reads an exported dashboard. Says of each field what is wrong as the API would. */
export function imported(text: string): Imported {
  let source: unknown;
  try {
    source = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { wrong: [{ field: "the file", reason: `is not JSON: ${reason}` }] };
  }
  return contentFrom(source);
}

export function contentFrom(source: unknown): Imported {
  const fields = new Fields(source);
  const name = fields.text("name", LIMITS.line);
  if (typeof fields.raw("name") === "string" && name.trim() === "") {
    fields.refuse("name", "must have a visible character");
  }
  const description = fields.text("description", LIMITS.description, "");
  const range = { last: 3_600 };
  if (fields.raw("range") !== undefined) {
    const given = fields.object("range");
    const { least, most } = LIMITS.rangeSeconds;
    range.last = given.whole("last", least, most, 3_600);
    given.done();
  }
  const variables = fields.objects("variables", LIMITS.variables, variable);
  const panels = fields.objects("panels", LIMITS.panels, panel);
  fields.done(ANSWERED);
  repeated(
    fields,
    "variables",
    variables.map((each) => each.name),
    "name",
  );
  repeated(
    fields,
    "panels",
    panels.map((each) => each.id),
    "id",
  );
  unknownVariables(fields, panels, variables);
  if (fields.wrong.length > 0) {
    return { wrong: fields.wrong };
  }
  return { content: { name, description, range, variables, panels: compacted(panels) } };
}

function variable(fields: Fields): Variable {
  const metric = fields.raw("metric") === undefined ? undefined : metricName(fields);
  return {
    name: fields.matching(
      "name",
      /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
      "must have 1 to 64 letters, digits or _, and not begin with a digit",
    ),
    tag: fields.text("tag", MAX_TAG_KEY),
    ...(metric === undefined ? {} : { metric }),
    default: fields.texts("default", LIMITS.defaults),
  };
}

function panel(fields: Fields): Panel {
  const type = fields.oneOf("type", Object.keys(PANEL_KINDS) as PanelType[]);
  const text = fields.optionalText("text", LIMITS.text);
  const unit = fields.raw("unit") === undefined ? undefined : fields.oneOf<Unit>("unit", UNITS);
  const alerts = fields.raw("alerts") === undefined ? undefined : alertsOf(fields.object("alerts"));
  const found: Panel = {
    id: fields.matching("id", /^[A-Za-z0-9_-]{1,64}$/, "must have 1 to 64 letters, digits, _ or -"),
    title: fields.text("title", LIMITS.line),
    type,
    x: fields.whole("x", 0, COLUMNS - 1),
    y: fields.whole("y", 0, LIMITS.rows - 1),
    w: fields.whole("w", 1, COLUMNS),
    h: fields.whole("h", 1, LIMITS.height),
    queries: fields.objects("queries", LIMITS.queries, query),
    thresholds: fields.objects("thresholds", LIMITS.thresholds, (each) => ({
      value: each.number("value"),
      severity: each.oneOf("severity", SEVERITIES),
    })),
    ...(unit === undefined ? {} : { unit }),
    ...(text === undefined ? {} : { text }),
    ...(alerts === undefined ? {} : { alerts }),
  };
  if (found.x + found.w > COLUMNS) {
    fields.refuse("w", `the panel ends beyond the ${COLUMNS} columns: x + w is at most ${COLUMNS}`);
  }
  belongs(fields, found);
  return found;
}

/** Whether a panel has what its type needs, and nothing that belongs to another. */
function belongs(fields: Fields, found: Panel): void {
  const { type, queries } = found;
  if (!PANEL_KINDS[type].queries && queries.length > 0) {
    fields.refuse("queries", `a panel of type ${type} has no queries`);
  }
  if (PANEL_KINDS[type].queries && queries.every((each) => each.hidden)) {
    fields.refuse("queries", `a panel of type ${type} needs a query that is not hidden`);
  }
  if (type === "text" && found.text === undefined) {
    fields.refuse("text", "is required for a panel of type text");
  }
  for (const field of ["text", "alerts"] as const) {
    if (found[field] !== undefined && type !== field) {
      fields.refuse(field, `is for panels of type ${field} only`);
    }
  }
  repeated(
    fields,
    "queries",
    queries.map((each) => each.id),
    "id",
  );
}

function alertsOf(fields: Fields): NonNullable<Panel["alerts"]> {
  const labels: Record<string, string> = {};
  if (fields.raw("labels") !== undefined) {
    for (const [key, value] of Object.entries(fields.raw("labels") ?? {})) {
      if (typeof value !== "string") {
        fields.refuse(`labels.${key}`, "must be a text");
      }
      labels[key] = String(value);
    }
  }
  const severity =
    fields.raw("severity") === undefined ? undefined : fields.oneOf("severity", SEVERITIES);
  fields.done();
  return {
    ...(severity === undefined ? {} : { severity }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

function repeated(fields: Fields, list: string, names: readonly string[], field: string): void {
  for (const [index, each] of names.entries()) {
    if (each !== "" && names.indexOf(each) < index) {
      fields.refuse(`${list}.${index}.${field}`, `${each} stands for another already`);
    }
  }
}

function unknownVariables(
  fields: Fields,
  panels: readonly Panel[],
  variables: readonly Variable[],
): void {
  const known = variables.map((each) => each.name);
  for (const [p, panel] of panels.entries()) {
    for (const [q, query] of panel.queries.entries()) {
      for (const [f, each] of (query.filters ?? []).entries()) {
        const field = `panels.${p}.queries.${q}.filters.${f}.value`;
        const values = Array.isArray(each.value) ? each.value : [each.value];
        const named = values.map(variableIn).filter((name) => name !== null);
        if (named.length > 0 && !["=", "!=", "in"].includes(each.op)) {
          fields.refuse(field, "a variable needs one of =, !=, in as op");
        }
        for (const name of named.filter((name) => !known.includes(name))) {
          const there = known.join(", ") || "none";
          fields.refuse(field, `there is no variable ${name}; there are: ${there}`);
        }
      }
    }
  }
}

/** The text of an export: what imported() reads, spaced for people and version control. */
export function exported(content: Content): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** "Host overview" -> "host-overview.json": nothing in it that a file system minds. */
export function fileNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${plain.slice(0, 60) || "dashboard"}.json`;
}
