import { LIMITS, type Panel, type PanelFilter, type PanelQuery, type Variable } from "./model";

/** What is chosen for each variable; no values mean all. */
export type Choices = Readonly<Record<string, readonly string[]>>;

/** A panel's queries as the API takes them, or why they cannot be asked. */
export type Substituted =
  | { readonly queries: readonly PanelQuery[] }
  | { readonly refused: string };

const VARIABLE = /^\$([A-Za-z_][A-Za-z0-9_]{0,63})$/;

/** The variable that a filter's value names. Only a whole value does: `$host`, not `web-$host`. */
export function variableIn(value: unknown): string | null {
  return typeof value === "string" ? (VARIABLE.exec(value)?.[1] ?? null) : null;
}

/** Names of the variables that the queries use. */
export function variablesOf(queries: readonly PanelQuery[]): Set<string> {
  const names = queries
    .flatMap((query) => query.filters ?? [])
    .flatMap((filter) => (Array.isArray(filter.value) ? filter.value : [filter.value]))
    .map(variableIn);
  return new Set(names.filter((each) => each !== null));
}

/** What the URL says, else each variable's default; what the URL says of unknown ones is left out. */
export function choicesOf(variables: readonly Variable[], asked: Choices): Choices {
  return Object.fromEntries(
    variables.map((each) => [
      each.name,
      Object.hasOwn(asked, each.name) ? (asked[each.name] ?? []) : each.default,
    ]),
  );
}

/**
 * Puts the chosen values in place of variables. All values: the filter falls away. Several: `=`
 * becomes `in`, `!=` is asked once for each. A prefix takes one value.
 */
export function substituted(queries: readonly PanelQuery[], choices: Choices): Substituted {
  const answer: PanelQuery[] = [];
  for (const query of queries) {
    const filters: PanelFilter[] = [];
    for (const filter of query.filters ?? []) {
      const found = withValues(filter, choices);
      if (typeof found === "string") {
        return { refused: found };
      }
      filters.push(...found);
    }
    if (filters.length > LIMITS.filters) {
      return {
        refused: `Query ${query.id} has ${filters.length} conditions with the values chosen; ${LIMITS.filters} are allowed. Choose fewer values.`,
      };
    }
    answer.push(query.filters === undefined ? query : { ...query, filters });
  }
  return { queries: answer };
}

function withValues(filter: PanelFilter, choices: Choices): PanelFilter[] | string {
  if (Array.isArray(filter.value)) {
    return filter.value.some((each) => variableIn(each) !== null)
      ? inList(filter, filter.value, choices)
      : [filter];
  }
  const name = variableIn(filter.value);
  if (name === null) {
    return [filter];
  }
  const values = choices[name];
  if (values === undefined) {
    return unknown(name);
  }
  const { tag, op } = filter;
  const [only] = values;
  if (only === undefined) {
    return [];
  }
  if (op === "!=") {
    return values.map((value) => ({ tag, op, value }));
  }
  if (op === "prefix") {
    return values.length === 1
      ? [{ tag, op, value: only }]
      : `A prefix takes one value of $${name}; ${values.length} are chosen. Choose one.`;
  }
  return values.length === 1 && op === "=" ? [{ tag, op, value: only }] : among(tag, values, name);
}

/** A list with variables among its values; one of them with all values lets everything pass. */
function inList(
  filter: PanelFilter,
  list: readonly string[],
  choices: Choices,
): PanelFilter[] | string {
  const values: string[] = [];
  for (const each of list) {
    const name = variableIn(each);
    if (name === null) {
      values.push(each);
      continue;
    }
    const chosen = choices[name];
    if (chosen === undefined) {
      return unknown(name);
    }
    if (chosen.length === 0) {
      return [];
    }
    values.push(...chosen);
  }
  return among(filter.tag, [...new Set(values)], null);
}

function among(
  tag: string,
  values: readonly string[],
  name: string | null,
): PanelFilter[] | string {
  if (values.length > LIMITS.choices) {
    const of = name === null ? `of tag ${tag}` : `of $${name}`;
    return `${values.length} values ${of} are chosen; ${LIMITS.choices} are allowed. Choose fewer, or all.`;
  }
  return [{ tag, op: "in", value: values }];
}

function unknown(name: string): string {
  return `There is no variable $${name}. Add it to the dashboard, or change the panel's filter.`;
}

/** The metric whose tag has the values to choose from: the variable's own, else one that is filtered by it. */
export function metricFor(variable: Variable, panels: readonly Panel[]): string | null {
  if (variable.metric !== undefined) {
    return variable.metric;
  }
  const asked = panels.flatMap((panel) => panel.queries);
  const using = asked.find((query) => query.metric && variablesOf([query]).has(variable.name));
  return using?.metric ?? asked.find((query) => query.metric)?.metric ?? null;
}
