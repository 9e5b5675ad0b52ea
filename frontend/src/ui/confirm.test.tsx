import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { ConfirmDialog } from "./confirm";

function open(options: { typed?: string; fail?: string } = {}) {
  const done: string[] = [];
  render(
    <ConfirmDialog
      title="Delete the alert"
      consequence="It is gone."
      action="Delete"
      {...(options.typed === undefined ? {} : { typed: options.typed })}
      onConfirm={async () => {
        done.push("confirmed");
        if (options.fail !== undefined) {
          throw new Error(options.fail);
        }
      }}
      onClose={() => done.push("closed")}
    />,
  );
  return done;
}

const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

describe("a question before what is hard to undo", () => {
  it("closes when it is done", async () => {
    const done = open();
    await press("Delete");
    expect(done).toEqual(["confirmed", "closed"]);
  });

  it("stays open and tells when it could not be done", async () => {
    const done = open({ fail: "Somebody else has changed it." });
    await press("Delete");
    expect(done).toEqual(["confirmed"]);
    expect(screen.getByText("Somebody else has changed it.")).toBeTruthy();
  });

  it("does nothing when one thinks better of it", async () => {
    const done = open();
    await press("Cancel");
    expect(done).toEqual(["closed"]);
  });

  it("wants the name typed where nothing can be undone", async () => {
    const done = open({ typed: "cpu" });
    const field = screen.getByLabelText("To confirm, type cpu");
    await userEvent.type(field, "cp{Enter}");
    expect(done).toEqual([]);
    await userEvent.type(field, "u{Enter}");
    expect(done).toEqual(["confirmed", "closed"]);
  });
});
