import Multiselect from "@cloudscape-design/components/multiselect";
import { useChannels } from "./use-channels";

/** Chooses channels by name. */
export function ChannelChoice(props: {
  label: string;
  chosen: readonly string[];
  onChange: (ids: readonly string[]) => void;
}) {
  const { channels, nameOf } = useChannels();
  return (
    <Multiselect
      ariaLabel={props.label}
      placeholder="Choose channels"
      selectedOptions={props.chosen.map((id) => ({ value: id, label: nameOf(id) }))}
      options={channels.map((each) => ({
        value: each.id,
        label: each.name,
        description: each.type,
      }))}
      deselectAriaLabel={(option) => `Leave out ${option.label}`}
      empty="There is no channel yet"
      expandToViewport
      onChange={({ detail }) =>
        props.onChange(
          detail.selectedOptions.map((each) => each.value ?? "").filter((id) => id !== ""),
        )
      }
    />
  );
}
