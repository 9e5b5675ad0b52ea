import type { WrongField } from "~/api/problem";
import { contentFrom } from "./importing";
import { PANEL_KINDS, type Panel, type PanelType, type Variable } from "./model";

const PLACE = { x: 0, y: 0 };

/** What is wrong with a panel that is being edited; fields begin within the panel: `queries.0.metric`. */
export function checkedPanel(panel: Panel, variables: readonly Variable[]): readonly WrongField[] {
  const found = contentFrom({ name: "-", variables, panels: [{ ...panel, ...PLACE }] });
  const wrong = "wrong" in found ? found.wrong : [];
  const own = wrong
    .filter((each) => each.field.startsWith("panels.0."))
    .map((each) => ({ ...each, field: each.field.slice("panels.0.".length) }));
  // The API reads expressions; that there is one can be told here.
  const empty = panel.queries.flatMap((query, index) =>
    query.expression !== undefined && query.expression.trim() === ""
      ? [{ field: `queries.${index}.expression`, reason: "Write what is to be computed." }]
      : [],
  );
  return [...own, ...empty];
}

/** The panel as another type: what that type has no use for goes, what it needs comes. */
export function withType(panel: Panel, type: PanelType): Panel {
  const { text, alerts, ...rest } = panel;
  const kind = PANEL_KINDS[type];
  const needed = kind.queries && panel.queries.length === 0;
  return {
    ...rest,
    type,
    w: Math.max(panel.w, kind.least.w),
    h: Math.max(panel.h, kind.least.h),
    queries: needed
      ? [{ id: "a", metric: "", statistic: "avg" }]
      : kind.queries
        ? panel.queries
        : [],
    thresholds: kind.queries ? panel.thresholds : [],
    ...(type === "text" ? { text: text ?? "" } : {}),
    ...(type === "alerts" && alerts !== undefined ? { alerts } : {}),
  };
}
