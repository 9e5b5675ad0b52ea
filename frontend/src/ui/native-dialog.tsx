import "./native-dialog.css";
import { type ReactNode, useLayoutEffect, useRef } from "react";

/**
 * The browser's own dialog: above everything, other dialogs too, and the rest of the page cannot be
 * reached. Without `onClose` it cannot be closed. Render it while it is wanted.
 */
export function NativeDialog(props: {
  label: string;
  className?: string;
  onClose?: () => void;
  children: ReactNode;
}) {
  const { onClose, className = "" } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the effects of what is in it, which may put the focus somewhere.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`native-dialog ${className}`}
      aria-label={props.label}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onKeyDown={(event) => {
        // Browsers let a second Escape close what refused the first.
        if (event.key === "Escape") {
          event.preventDefault();
          onClose?.();
        }
      }}
      onClick={(event) => {
        if (event.target === dialog.current) {
          onClose?.();
        }
      }}
    >
      {props.children}
    </dialog>
  );
}
