import type { Fields } from "./fields";
import { LIMITS, type Operator, type PanelFilter, type PanelQuery, type Unit } from "./model";
import { variableIn } from "./substitution";
import { UNITS } from "./units";

export const OPERATORS: readonly Operator[] = ["=", "!=", "in", "exists", "prefix"];
export const MAX_TAG_KEY = 128;
const MAX_TAG_VALUE = 256;
const FILLS = ["null", "zero", "previous", "linear"] as const;
const STATISTIC = /^(avg|sum|min|max|count|last|stddev|rate|increase|p(100|\d{1,2}(\.\d{1,4})?))$/;
const METRIC = /^[A-Za-z_:][A-Za-z0-9_.:/-]{0,254}$/;
const QUERY_ID = /^[a-z][A-Za-z0-9_]{0,63}$/;
/** Functions of expressions: a query must not have such an id (backend metrics/query/parsing.py). */
const FUNCTIONS = /^(abs|ceil|floor|round|sqrt|ln|log10|min|max|clamp|sum|avg|topk|bottomk)$/;

/** The name of a metric, as the API takes it. */
export function metricName(fields: Fields): string {
  return fields.matching(
    "metric",
    METRIC,
    "must have 1 to 255 characters of A-Z a-z 0-9 _ : . / - and begin with a letter, _ or :",
  );
}

/** A query of a panel, its filters and groups. */
export function query(fields: Fields): PanelQuery {
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
