import ButtonDropdown, {
  type ButtonDropdownProps,
} from "@cloudscape-design/components/button-dropdown";
import type { Panel } from "./model";
import { titleOf } from "./place-text";

/** What can be done with a panel, behind the three dots of its heading. */
export function PanelMenu(props: {
  panel: Panel;
  items: readonly (ButtonDropdownProps.Item & { run: () => void })[];
}) {
  return (
    <ButtonDropdown
      variant="inline-icon"
      expandToViewport
      ariaLabel={`Actions for ${titleOf(props.panel)}`}
      items={props.items.map(({ run: _run, ...item }) => item)}
      onItemClick={({ detail }) => props.items.find((each) => each.id === detail.id)?.run()}
    />
  );
}
