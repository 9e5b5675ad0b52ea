import type { WrongField } from "~/api/problem";
import { Fields } from "./fields";
import { compacted } from "./layout";
import {
  COLUMNS,
  type Content,
  LIMITS,
  type Operator,
  PANEL_KINDS,
  type Panel,
  type PanelFilter,
  type PanelQuery,
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
export const OPERATORS: readonly Operator[] = ["=", "!=", "in", "exists", "prefix"];
const FILLS = ["null", "zero", "previous", "linear"] as const;
const STATISTIC = /^(avg|sum|min|max|count|last|stddev|rate|increase|p(100|\d{1,2}(\.\d{1,4})?))$/;
const METRIC = /^[A-Za-z_:][A-Za-z0-9_.:/-]{0,254}$/;
const QUERY_ID = /^[a-z][A-Za-z0-9_]{0,63}$/;
/** Functions of expressions: a query must not have such an id (backend metrics/query/parsing.py). */
const FUNCTIONS = /^(abs|ceil|floor|round|sqrt|ln|log10|min|max|clamp|sum|avg|topk|bottomk)$/;
/** What an answer of the API has beside what is asked for: an answer can be imported, too. */
const ANSWERED = ["id", "version", "created_at", "updated_at", "updated_by"];
const MAX_TAG_KEY = 128;
const MAX_TAG_VALUE = 256;

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

function metricName(fields: Fields): string {
  return fields.matching(
    "metric",
    METRIC,
    "must have 1 to 255 characters of A-Z a-z 0-9 _ : . / - and begin with a letter, _ or :",
  );
}

function query(fields: Fields): PanelQuery {
  const id = fields.matching(
    "id",
    QUERY_ID,
    "must begin with a small letter and have 1 to 64 letters, digits or _",
  );
  if (FUNCTIONS.test(id)) {
    fields.refuse("id", `${id} is the name of a function`);
  }
  const own = { id, ...(fields.yes("hidden") ? { hidden: true } : {}) };
  const filled = fields.oneOf("fill", FILLS, "null");
  const fill = filled === "null" ? {} : { fill: filled };
  const expression = fields.optionalText("expression", 1_000);
  if (expression !== undefined) {
    for (const field of ["metric", "period", "unit"]) {
      if (fields.raw(field) !== undefined) {
        fields.refuse(field, "is not for expressions");
      }
    }
    for (const field of ["statistic", "filters", "group_by"]) {
      fields.raw(field);
    }
    return { ...own, ...fill, expression };
  }
  const period = fields.raw("period");
  const unit = fields.raw("unit");
  const filters = fields.objects("filters", LIMITS.filters, filter);
  const groupBy = fields.texts("group_by", LIMITS.filters);
  return {
    ...own,
    ...fill,
    metric: metricName(fields),
    statistic: statistic(fields),
    ...(period === undefined
      ? {}
      : { period: fields.whole("period", 1, LIMITS.rangeSeconds.most) }),
    ...(unit === undefined ? {} : { unit: fields.oneOf<Unit>("unit", UNITS) }),
    ...(filters.length === 0 ? {} : { filters }),
    ...(groupBy.length === 0 ? {} : { group_by: groupBy }),
  };
}

function statistic(fields: Fields): string {
  const found = fields.text("statistic", 16, "avg");
  if (!STATISTIC.test(found)) {
    fields.refuse(
      "statistic",
      "must be avg, sum, min, max, count, last, stddev, rate, increase, or p0 to p100",
    );
  }
  return found;
}

function filter(fields: Fields): PanelFilter {
  const tag = fields.text("tag", MAX_TAG_KEY);
  const op = fields.oneOf("op", OPERATORS);
  const value = fields.raw("value");
  if (op === "exists") {
    return { tag, op, value: value === undefined ? true : fields.yes("value") };
  }
  if (op === "in" && variableIn(value) === null) {
    const list = fields.texts("value", LIMITS.choices);
    if (list.length === 0) {
      fields.refuse("value", `must be a list of 1 to ${LIMITS.choices} texts where op is in`);
    }
    return { tag, op, value: list };
  }
  return { tag, op, value: fields.text("value", MAX_TAG_VALUE) };
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
