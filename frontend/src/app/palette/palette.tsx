import "./palette.css";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { keep, personKey, readKept } from "~/auth/person-storage";
import { type Role, useSession } from "~/auth/session";
import { plural } from "~/ui/format";
import { NativeDialog } from "~/ui/native-dialog";
import { printed } from "~/ui/platform";
import { choose } from "~/ui/theme";
import { areasFor } from "../areas";
import { leave } from "../leave";
import { type Entry, offered, type Recent, type Target, withRecent } from "./entries";
import { useSources } from "./sources";

/** Pages, dashboards, alerts, metrics and commands by a few letters of their names. */
export default function Palette(props: { onClose: () => void; onShortcuts: () => void }) {
  const { onClose } = props;
  const session = useSession();
  const navigate = useNavigate();
  const place = personKey(session, "recent");
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const found = useSources(typed);

  const own = useMemo(() => {
    const recent = readKept<readonly Recent[]>(sessionStorage, place) ?? [];
    return [
      ...recent.map((each) => ({ ...each, id: `recent ${each.label}`, group: "Recent" as const })),
      ...pages(session.role),
    ];
  }, [place, session.role]);
  const commands: readonly Entry[] = [
    command("Create an alert", "new", { path: "/alerts/new" }),
    command("Show the keys", "shortcuts help keyboard", props.onShortcuts, "?"),
    command("Look dark", "theme mode", () => choose("dark")),
    command("Look light", "theme mode", () => choose("light")),
    command("Look as the system does", "theme mode dark light", () => choose("system")),
    command("Sign out", "leave log out", () => void leave(session.auth)),
  ];
  const search: readonly Entry[] =
    typed.trim() === ""
      ? []
      : [
          {
            ...command(`Search all alerts for ${typed.trim()}`, "", {
              path: "/alerts",
              search: { name: typed.trim() },
            }),
            words: typed,
          },
        ];
  const shown = offered(typed, [...own, ...found.entries, ...commands, ...search]);
  const chosen = Math.min(at, Math.max(0, shown.length - 1));

  useEffect(() => {
    const option = list.current?.querySelectorAll("[role='option']")[chosen];
    option?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  function open(entry: Entry | undefined): void {
    if (entry === undefined) {
      return;
    }
    onClose();
    if (typeof entry.to === "function") {
      entry.to();
      return;
    }
    if (entry.group !== "Commands") {
      const { label, to } = entry;
      const hint = entry.group === "Recent" ? (entry.hint ?? "") : entry.group;
      const before = readKept<readonly Recent[]>(sessionStorage, place) ?? [];
      keep(sessionStorage, place, withRecent(before, { label, hint, to }));
    }
    void navigate(goingTo(entry.to));
  }

  function press(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && shown.length > 0) {
      event.preventDefault();
      setAt((chosen + step + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(shown[chosen]);
    }
  }

  return (
    <NativeDialog label="Go to anything" className="palette" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-label="Go to a page, a dashboard, an alert or a metric"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={shown.length === 0 ? undefined : `${id}-${chosen}`}
        aria-autocomplete="list"
        placeholder="Page, dashboard, alert, metric"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div className="palette-list" ref={list}>
        <div role="listbox" id={`${id}-list`} aria-label="What fits">
          {groups(shown).map(([group, entries]) => (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
            <div key={group} role="group" aria-label={group}>
              <div className="palette-group" aria-hidden="true">
                {group}
              </div>
              {entries.map(([entry, index]) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys
                <div
                  key={entry.id}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen}
                  onClick={() => open(entry)}
                  onMouseMove={() => setAt(index)}
                >
                  <span>{entry.label}</span>
                  {entry.hint && <span className="palette-hint">{entry.hint}</span>}
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
      <div className="palette-foot" role="status">
        {found.failures.length > 0
          ? found.failures.join(" ")
          : found.loading
            ? "Searching"
            : shown.length === 0
              ? "Nothing fits. Metrics are found by how their names begin."
              : plural(shown.length, "entry", "entries")}
      </div>
    </NativeDialog>
  );
}

function pages(role: Role): readonly Entry[] {
  const areas = areasFor(role).map((each) => ({
    id: `page ${each.path}`,
    group: "Pages" as const,
    label: each.label,
    hint: printed(`g ${each.key}`),
    to: { path: each.path },
  }));
  const account = { path: "/account" };
  return [
    ...areas,
    {
      id: "page /account",
      group: "Pages",
      label: "Account",
      words: "password two-factor code",
      to: account,
    },
  ];
}

function command(label: string, words: string, to: Entry["to"], hint?: string): Entry {
  const more = hint === undefined ? {} : { hint };
  return { id: `command ${label}`, group: "Commands", label, words, to, ...more };
}

/** What was found stays in its order; each with its place in the whole list. */
function groups(
  shown: readonly Entry[],
): readonly (readonly [string, (readonly [Entry, number])[]])[] {
  const found = new Map<string, (readonly [Entry, number])[]>();
  shown.forEach((entry, index) => {
    found.set(entry.group, [...(found.get(entry.group) ?? []), [entry, index]]);
  });
  return [...found];
}

type Going = Parameters<ReturnType<typeof useNavigate>>[0];

/** Paths of entries are the router's; that each has the parameters of its path is up to whoever makes one. */
function goingTo(to: Target): Going {
  return { to: to.path, params: to.params ?? {}, search: to.search ?? {} } as unknown as Going;
}
