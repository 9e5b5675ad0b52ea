import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { enableShortcuts, type Shortcut, shortcutsEnabled, useShortcuts } from "~/ui/keys";
import { printed } from "~/ui/platform";

const GROUPS: readonly (readonly [Shortcut["group"], string])[] = [
  ["page", "On this page"],
  ["everywhere", "Everywhere"],
  ["go", "Go to"],
];

/** The keys that mean something now, and a way to switch single keys off. */
export default function ShortcutsDialog(props: { onClose: () => void }) {
  const shortcuts = useShortcuts();
  const [enabled, setEnabled] = useState(shortcutsEnabled);
  const taken = new Set<string>();
  // A page's key hides the shell's of the same name.
  const shown = GROUPS.map(([group, title]) => {
    const own = shortcuts.filter((each) => each.group === group && !taken.has(each.keys));
    for (const each of own) {
      taken.add(each.keys);
    }
    return { group, title, own };
  }).filter((each) => each.own.length > 0);
  return (
    <Modal visible header="Keys" closeAriaLabel="Close" size="medium" onDismiss={props.onClose}>
      <SpaceBetween size="l">
        <div className="shortcuts">
          {shown.map(({ group, title, own }) => (
            <section key={group}>
              <h3>{title}</h3>
              <dl>
                {own.map((each) => (
                  <div key={each.keys}>
                    <dt>
                      <kbd>{printed(each.keys)}</kbd>
                    </dt>
                    <dd>{each.label}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <Toggle
          checked={enabled}
          description="Switch them off if voice control or a screen reader presses them. Ctrl and Cmd stay."
          onChange={({ detail }) => {
            enableShortcuts(detail.checked);
            setEnabled(detail.checked);
          }}
        >
          Single keys
        </Toggle>
      </SpaceBetween>
    </Modal>
  );
}
