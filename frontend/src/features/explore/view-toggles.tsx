import Toggle from "@cloudscape-design/components/toggle";
import type { Search } from "./search";

export type Flag = "week" | "split" | "area";

const FLAGS: readonly { readonly flag: Flag; readonly label: string }[] = [
  { flag: "week", label: "Compare with last week" },
  { flag: "split", label: "One chart per query" },
  { flag: "area", label: "Areas" },
];

/** How the answer is looked at. */
export function ViewToggles(props: {
  search: Search;
  isLive: boolean;
  onLive: () => void;
  onFlag: (flag: Flag, on: boolean) => void;
}) {
  const { search, isLive, onLive, onFlag } = props;
  return (
    <div className="explore-view">
      <Toggle checked={isLive} onChange={onLive}>
        Live
      </Toggle>
      {FLAGS.map(({ flag, label }) => (
        <Toggle
          key={flag}
          checked={search[flag] === 1}
          onChange={({ detail }) => onFlag(flag, detail.checked)}
        >
          {label}
        </Toggle>
      ))}
    </div>
  );
}
