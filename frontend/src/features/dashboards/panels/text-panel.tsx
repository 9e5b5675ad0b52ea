import { stretchesOf } from "../links";
import type { Panel } from "../model";

/** Plain text: lines stay lines, addresses become links, and nothing else means anything. */
export function TextPanel(props: { panel: Panel }) {
  const lines = (props.panel.text ?? "").split("\n");
  return (
    <div className="panel-text">
      {lines.map((line, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its place alone
        <p key={number}>
          {stretchesOf(line).map((each, place) =>
            each.href === undefined ? (
              each.text
            ) : (
              <a
                // biome-ignore lint/suspicious/noArrayIndexKey: a stretch is known by its place alone
                key={place}
                href={each.href}
                target="_blank"
                rel="noopener noreferrer"
                className="dashboard-link"
              >
                {each.text}
              </a>
            ),
          )}
          {line === "" && "\u00a0"}
        </p>
      ))}
    </div>
  );
}
