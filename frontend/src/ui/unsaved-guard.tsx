import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useBlocker } from "@tanstack/react-router";
import type { Draft } from "./draft";

/** Asks before another page is opened, or the tab closed, while the draft is not saved. */
export function UnsavedGuard(props: { draft: Pick<Draft<unknown>, "isChanged" | "discard"> }) {
  const { draft } = props;
  const blocker = useBlocker({
    // What stays on the page (a range in the URL) loses nothing.
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && draft.isChanged(),
    enableBeforeUnload: draft.isChanged,
    withResolver: true,
  });
  if (blocker.status !== "blocked") {
    return null;
  }
  const leave = () => {
    draft.discard();
    blocker.proceed();
  };
  return (
    <Modal
      visible
      header="Leave without saving?"
      closeAriaLabel="Stay"
      onDismiss={blocker.reset}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={leave}>
              Leave
            </Button>
            <Button variant="primary" onClick={blocker.reset}>
              Stay
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      What you changed on this page is not saved. It is lost when you leave.
    </Modal>
  );
}
