import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { setAreaTitle, usePageTitle } from "./title";

it("calls the tab by its page, else by its area", () => {
  setAreaTitle("Alerts");
  expect(document.title).toBe("Alerts · Skafu");
  const page = renderHook((title: string | undefined) => usePageTitle(title), {
    initialProps: undefined as string | undefined,
  });
  expect(document.title).toBe("Alerts · Skafu");
  page.rerender("CPU high");
  expect(document.title).toBe("CPU high · Skafu");
  page.unmount();
  expect(document.title).toBe("Alerts · Skafu");
});

it("has a name where there is neither", () => {
  setAreaTitle("");
  expect(document.title).toBe("Skafu");
});
