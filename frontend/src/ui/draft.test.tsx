import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, expect, it } from "vitest";
import type { Auth } from "~/auth/auth";
import { type Session, SessionProvider } from "~/auth/session";
import { useDraft } from "./draft";

const SESSION: Session = {
  auth: {} as Auth,
  email: "a@example.com",
  id: "u1",
  tenant: "acme",
  role: "editor",
  environment: "local",
  version: "1",
};

function open(initial: { name: string }, session = SESSION) {
  const wrapper = (props: { children: ReactNode }) => (
    <SessionProvider session={session}>{props.children}</SessionProvider>
  );
  return renderHook(() => useDraft("alert new", initial), { wrapper });
}

beforeEach(() => sessionStorage.clear());

it("begins with what it was given", () => {
  const { value, changed, restored } = open({ name: "" }).result.current;
  expect([value, changed, restored]).toEqual([{ name: "" }, false, false]);
});

it("is there again after a reload", () => {
  const before = open({ name: "" });
  act(() => before.result.current.set({ name: "CPU" }));
  before.unmount();
  const { value, changed, restored } = open({ name: "" }).result.current;
  expect([value, changed, restored]).toEqual([{ name: "CPU" }, true, true]);
});

it("is nobody else's", () => {
  const first = open({ name: "" });
  act(() => first.result.current.set({ name: "CPU" }));
  expect(open({ name: "" }, { ...SESSION, id: "u2" }).result.current.value.name).toBe("");
});

it("is kept no longer once it is saved", () => {
  const form = open({ name: "" });
  act(() => form.result.current.set((before) => ({ ...before, name: "CPU" })));
  expect(form.result.current.isChanged()).toBe(true);
  act(() => form.result.current.clear());
  expect([form.result.current.value.name, form.result.current.changed]).toEqual(["CPU", false]);
  expect(sessionStorage.length).toBe(0);
});

it("goes back to what it began with when it is discarded", () => {
  const form = open({ name: "x" });
  act(() => form.result.current.set({ name: "CPU" }));
  act(() => form.result.current.discard());
  expect([form.result.current.value.name, form.result.current.changed]).toEqual(["x", false]);
});

it("adds up changes that come before the page is drawn anew", () => {
  const form = open({ name: "" });
  act(() => {
    form.result.current.set((before) => ({ name: `${before.name}a` }));
    form.result.current.set((before) => ({ name: `${before.name}b` }));
  });
  expect(form.result.current.value.name).toBe("ab");
});
