// @vitest-environment jsdom
import { renderHook } from "@testing-library/react";
import { act } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { choice, choose, followSystem, useMode } from "./theme";

let dark = false;
let changed: () => void = () => undefined;

beforeEach(() => {
  dark = false;
  localStorage.clear();
  window.matchMedia = () =>
    ({
      get matches() {
        return dark;
      },
      addEventListener: (_: string, listener: () => void) => {
        changed = listener;
      },
    }) as unknown as MediaQueryList;
  followSystem();
});

const isDark = () =>
  [document.documentElement, document.body].map((each) =>
    each.classList.contains("awsui-dark-mode"),
  );

describe("the page's looks", () => {
  it("follow the system, also when it changes", () => {
    expect(isDark()).toEqual([false, false]);
    dark = true;
    changed();
    expect(isDark()).toEqual([true, true]);
  });

  it("stay as they were chosen, whatever the system does", () => {
    choose("light");
    dark = true;
    changed();
    expect(isDark()).toEqual([false, false]);
    choose("system");
    expect([isDark(), choice()]).toEqual([[true, true], "system"]);
  });

  it("change with the choice in another tab", () => {
    localStorage.setItem("skafu.theme", "dark");
    window.dispatchEvent(new StorageEvent("storage", { key: "skafu.theme" }));
    expect(isDark()).toEqual([true, true]);
  });

  it("take what is stored and not known for the system's", () => {
    localStorage.setItem("skafu.theme", "sepia");
    expect(choice()).toBe("system");
  });

  it("are told to what is drawn on a canvas", () => {
    const mode = renderHook(() => useMode());
    expect(mode.result.current).toBe("light");
    act(() => choose("dark"));
    expect(mode.result.current).toBe("dark");
  });
});
