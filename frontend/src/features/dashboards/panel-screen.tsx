import Button from "@cloudscape-design/components/button";
import { useEffect, useRef, useState } from "react";
import type { Panel } from "./model";
import { PanelBody, type View } from "./panel-body";
import { titleOf } from "./place-text";

/** One panel over the whole window, for a screen on a wall. Escape goes back. */
export function PanelScreen(props: { panel: Panel; view: View; onClose: () => void }) {
  const { panel, view, onClose } = props;
  const [refused, setRefused] = useState<Error | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    // What is modal keeps the focus within, and the page behind it is not read.
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="panel-screen"
      aria-label={titleOf(panel)}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        // Browsers let a second Escape close what refused the first.
        if (event.key === "Escape" && document.fullscreenElement === null) {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <div className="panel-head">
        <h2>{panel.title}</h2>
        <Button
          iconName="expand"
          onClick={() => void dialog.current?.requestFullscreen().catch(setRefused)}
        >
          Whole screen
        </Button>
        {refused && <span role="status">{refused.message}</span>}
        <Button
          iconName="close"
          variant="icon"
          ariaLabel="Back to the dashboard"
          onClick={onClose}
        />
      </div>
      <PanelBody panel={panel} view={view} wide />
    </dialog>
  );
}
