import type { Span } from "~/ui/chart/types";
import type { Panel } from "../model";
import type { PanelData } from "../use-panel-data";

/** What a panel with queries draws, once there is an answer. */
export interface PanelBodyProps {
  readonly panel: Panel;
  readonly data: Pick<PanelData, "queries" | "outdated"> & {
    readonly shown: NonNullable<PanelData["query"]["data"]>;
  };
  /** In px, of what is below the panel's heading. */
  readonly height: number;
  readonly width: number;
  readonly onZoom: (span: Span) => void;
  /** Charts with the same key share the cursor. */
  readonly syncKey: string;
  /** It fills the screen. */
  readonly wide: boolean;
}
