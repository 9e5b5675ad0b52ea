import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { usePages } from "~/api/pages";
import { Loading } from "~/ui/states";
import { same } from "../conflict";
import { type Condition, isDrill } from "../model";
import { type Named, namedIn, parseRule, ruleText, written } from "../rule-text";
import { useForm } from "./form";

/** So many alerts are offered; any other can be written by its id. */
const OFFERED_PAGES = 5;

/** The alerts that a rule may name: the list's first pages, and those that the rule began with. */
function useNamed(condition: Condition | null | undefined): {
  known: readonly Named[];
  isPending: boolean;
} {
  const api = useApi();
  const pages = usePages(["alerts", "names"], (cursor, signal) =>
    body(api.GET("/api/alerts", { params: { query: { ...(cursor && { cursor }) } }, signal })),
  );
  const { hasMore, isFetching, more } = pages;
  const read = pages.pages.length;
  useEffect(() => {
    if (hasMore && !isFetching && read < OFFERED_PAGES) {
      more();
    }
  }, [hasMore, isFetching, read, more]);
  const listed = pages.pages
    .flatMap((page) => page.alerts)
    .filter((each) => !isDrill(each))
    .map(({ id, name }) => ({ id, name }));
  const complete = !hasMore || read >= OFFERED_PAGES;
  const absent = complete
    ? namedIn(condition).filter((id) => !listed.some((each) => each.id === id))
    : [];
  const others = useQueries({
    queries: absent.map((id) => ({
      queryKey: ["alerts", id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        body(api.GET("/api/alerts/{id}", { params: { path: { id } }, signal })),
      retry: false,
    })),
  });
  const found = others.flatMap(({ data }) => (data ? [{ id: data.id, name: data.name }] : []));
  return {
    known: [...listed, ...found],
    isPending: pages.isPending || !complete || others.some((each) => each.isPending),
  };
}

/** The rule as text. What is not touched is sent back as it was. */
function RuleField(props: { known: readonly Named[] }) {
  const { known } = props;
  const { draft, set, wrong } = useForm();
  const condition = draft.condition ?? null;
  const [text, setText] = useState(() => (condition === null ? "" : ruleText(condition, known)));
  const parsed = useMemo(() => parseRule(text, known), [text, known]);
  const problem = "problem" in parsed ? parsed : null;
  const refused = ["condition", ...conditionFields(condition)]
    .map(wrong)
    .find((each) => each !== undefined);
  // Another's version was taken over, or a restored draft came.
  const [seen, setSeen] = useState(condition);
  if (!same(seen, condition)) {
    setSeen(condition);
    if ("problem" in parsed || !same(parsed.condition, condition)) {
      setText(condition === null ? "" : ruleText(condition, known));
    }
  }
  const put = (next: string) => {
    setText(next);
    const found = parseRule(next, known);
    if ("condition" in found) {
      setSeen(found.condition);
      set((before) =>
        same(before.condition, found.condition)
          ? before
          : { ...before, condition: found.condition },
      );
    } else {
      setSeen(null);
      set((before) => ({ ...before, condition: null }));
    }
  };
  const [picked, setPicked] = useState("");
  const error =
    problem !== null && text.trim() !== ""
      ? `${problem.problem} (At character ${problem.at + 1}.)`
      : refused;
  return (
    <SpaceBetween size="m">
      <FormField
        label="Fires when"
        constraintText={
          'Names in quotes with and, or, not and brackets: "cpu is high" and not "deploy runs".'
        }
        {...(error === undefined ? {} : { errorText: error })}
        stretch
      >
        <Textarea
          value={text}
          rows={3}
          spellcheck={false}
          onChange={({ detail }) => put(detail.value)}
          invalid={error !== undefined}
        />
      </FormField>
      <FormField label="Add an alert to the rule" stretch>
        <Autosuggest
          value={picked}
          options={known.map((each) => ({ value: each.id, label: each.name }))}
          placeholder="Name"
          empty="No alert is called so"
          enteredTextLabel={(value) => `Use the id ${value}`}
          ariaLabel="Add an alert to the rule"
          onChange={({ detail }) => setPicked(detail.value)}
          onSelect={({ detail }) => {
            setPicked("");
            const added = written(detail.value, known);
            put(text.trim() === "" ? added : `${text.trimEnd()} and ${added}`);
          }}
        />
      </FormField>
      <Box color="text-body-secondary">
        {namedIn(condition)
          .map((id) => known.find((each) => each.id === id)?.name ?? `the alert ${id}`)
          .map((name, place) => (place === 0 ? `It looks at ${name}` : name))
          .join(", ")}
      </Box>
    </SpaceBetween>
  );
}

/** The dotted names of a condition's parts, as the API names them when it refuses one. */
export function conditionFields(condition: Condition | null, path = "condition"): string[] {
  if (condition === null) {
    return [];
  }
  if (condition.alert !== undefined) {
    return [path, `${path}.alert`];
  }
  if (condition.not !== undefined) {
    return [path, ...conditionFields(condition.not, `${path}.not`)];
  }
  const name = condition.all === undefined ? "any" : "all";
  const parts = condition.all ?? condition.any ?? [];
  return [
    path,
    ...parts.flatMap((each, place) => conditionFields(each, `${path}.${name}.${place}`)),
  ];
}

export function CompositeSection() {
  const { draft } = useForm();
  // Half a word that is typed is no id to look for.
  const [begun] = useState(draft.condition);
  const { known, isPending } = useNamed(begun);
  return isPending ? <Loading what="alerts" height={220} /> : <RuleField known={known} />;
}
