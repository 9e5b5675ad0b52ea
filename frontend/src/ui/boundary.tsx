import { Component, type ReactNode } from "react";
import { isOutdated } from "./outdated";
import { Splash } from "./splash";

/** What no page has caught: the sentence, and a way on. Work that was begun is in the drafts. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) {
      return this.props.children;
    }
    const failure = isOutdated(error)
      ? "The console could not be loaded. There may be a newer version of it."
      : `The console has failed: ${error.message}`;
    return (
      <Splash failure={failure}>
        <button type="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </Splash>
    );
  }
}
