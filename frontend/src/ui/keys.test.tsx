import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { enableShortcuts, Keyboard, type Press, useKeyboard, useShortcut } from "./keys";

function press(key: string, more: Partial<Press> = {}): Press {
  return { key, ctrlKey: false, metaKey: false, altKey: false, typing: false, at: 0, ...more };
}

function board(...keys: string[]): Keyboard {
  const made = new Keyboard();
  for (const each of keys) {
    made.add({ keys: each, label: each, group: "everywhere", run: () => undefined });
  }
  return made;
}

describe("the keyboard", () => {
  it("finds a single key", () => {
    expect(board("?").press(press("?"), true)?.keys).toBe("?");
  });

  it("waits for the second of two keys", () => {
    const keys = board("g m", "m");
    expect(keys.press(press("g"), true)).toBeNull();
    expect(keys.press(press("m", { at: 1_500 }), true)?.keys).toBe("g m");
  });

  it("forgets the first key when the second is late", () => {
    const keys = board("g m", "m");
    keys.press(press("g"), true);
    expect(keys.press(press("m", { at: 1_501 }), true)?.keys).toBe("m");
  });

  it("does nothing for two keys that mean nothing, and starts anew", () => {
    const keys = board("g m", "x");
    keys.press(press("g"), true);
    expect(keys.press(press("x"), true)).toBeNull();
    expect(keys.press(press("x"), true)?.keys).toBe("x");
  });

  it("leaves alone what goes into a field, save for Ctrl or Cmd", () => {
    const keys = board("t", "mod+k");
    expect(keys.press(press("t", { typing: true }), true)).toBeNull();
    expect(keys.press(press("k", { typing: true, ctrlKey: true }), true)?.keys).toBe("mod+k");
    expect(keys.press(press("K", { metaKey: true }), true)?.keys).toBe("mod+k");
  });

  it("leaves a field its own Ctrl keys", () => {
    const keys = new Keyboard();
    keys.add({ keys: "mod+z", label: "Undo", group: "page", run: () => undefined });
    expect(keys.press(press("z", { ctrlKey: true, typing: true }), true)).toBeNull();
    expect(keys.press(press("z", { ctrlKey: true }), true)?.keys).toBe("mod+z");
  });

  it("does not take Ctrl-T for t", () => {
    expect(board("t").press(press("t", { ctrlKey: true }), true)).toBeNull();
    expect(board("t").press(press("t", { altKey: true }), true)).toBeNull();
  });

  it("hears no single keys when they are switched off", () => {
    const keys = board("t", "mod+k");
    expect(keys.press(press("t"), false)).toBeNull();
    expect(keys.press(press("k", { ctrlKey: true }), false)?.keys).toBe("mod+k");
  });

  it("keeps the first key while Shift is pressed for the second", () => {
    const keys = board("g ?");
    keys.press(press("g"), true);
    keys.press(press("Shift"), true);
    expect(keys.press(press("?"), true)?.keys).toBe("g ?");
  });

  it("prefers the page's shortcut to the shell's, until the page goes", () => {
    const keys = new Keyboard();
    const shortcut = { keys: "/", label: "", run: () => undefined };
    const remove = keys.add({ ...shortcut, group: "page" });
    keys.add({ ...shortcut, group: "everywhere" });
    expect(keys.press(press("/"), true)?.group).toBe("page");
    remove();
    expect(keys.press(press("/"), true)?.group).toBe("everywhere");
  });
});

function Page(props: { onSearch: () => void }) {
  useKeyboard();
  useShortcut("s", "Search", props.onSearch);
  return (
    <>
      <input aria-label="Name" />
      <div role="dialog">
        <button type="button">Close</button>
      </div>
    </>
  );
}

describe("on a page", () => {
  afterEach(() => enableShortcuts(true));

  it("a key works where nothing is typed, and not in fields or dialogs", async () => {
    let searches = 0;
    const user = userEvent.setup();
    const page = render(<Page onSearch={() => (searches += 1)} />);
    await user.keyboard("s");
    expect(searches).toBe(1);
    await user.type(page.getByLabelText("Name"), "sss");
    page.getByText("Close").focus();
    await user.keyboard("s");
    expect(searches).toBe(1);
  });

  it("a key means nothing when the page is gone", async () => {
    let searches = 0;
    const page = render(<Page onSearch={() => (searches += 1)} />);
    page.unmount();
    await userEvent.keyboard("s");
    expect(searches).toBe(0);
  });

  it("single keys can be switched off", async () => {
    let searches = 0;
    render(<Page onSearch={() => (searches += 1)} />);
    enableShortcuts(false);
    await userEvent.keyboard("s");
    expect(searches).toBe(0);
  });
});
