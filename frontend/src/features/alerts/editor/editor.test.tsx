import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { draftOf, NEW, submission } from "../draft";
import type { Alert } from "../model";
import { alertOf, fakeApi, refused, show } from "../testing";
import { Editor } from "./editor";

// jsdom has no media queries; the chart asks for one as soon as it is loaded.
vi.hoisted(() =>
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })),
);

const STORED = alertOf({
  version: 3,
  name: "CPU <i>is</i> busy",
  levels: [{ severity: "critical", threshold: 95, lower: null, upper: null, recovery: null }],
  labels: { team: "core" },
  something_new: { kept: true },
} as Partial<Alert>);

const QUIET = {
  "GET /api/metrics": () => ({ metrics: [], cursor: null }),
  "GET /api/metrics/tags": () => ({ tags: [], cursor: null, complete: true }),
  "GET /api/channels": () => ({ channels: [], cursor: null }),
};

beforeEach(() => sessionStorage.clear());

function edit(answers: Parameters<typeof fakeApi>[0], stored: Alert = STORED) {
  const { api, calls } = fakeApi({ ...QUIET, ...answers });
  show(<Editor id={stored.id} stored={stored} begin={draftOf(stored)} />, api, {
    path: "/alerts/a1/edit",
  });
  return calls;
}

async function typeInto(name: string, text: string) {
  const field = await screen.findByRole("textbox", { name });
  await userEvent.clear(field);
  await userEvent.type(field, text);
}

describe("an edit", () => {
  it("sends all of the definition as it was, with the version that it began with", async () => {
    const calls = edit({ "PUT /api/alerts/{id}": () => STORED });
    await typeInto("Threshold", "85");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Alert saved");
    const put = calls.find((each) => each.method === "PUT");
    expect(put?.header).toEqual({ "If-Match": '"3"' });
    expect(put?.body).toEqual({ ...submission(draftOf(STORED)), threshold: 85 });
  });

  it("puts the API's reason beside the field, and in one place above", async () => {
    edit({
      "PUT /api/alerts/{id}": () => {
        throw refused(422, {
          title: "Unprocessable",
          detail: "the alert does not make sense",
          errors: [{ field: "threshold", reason: "must be below the level" }],
        });
      },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.getAllByText(/must be below the level/)).toHaveLength(2));
  });

  it("says of what is no number that it is none, and keeps the last number", async () => {
    const calls = edit({ "PUT /api/alerts/{id}": () => STORED });
    await typeInto("Threshold", "abc");
    expect(await screen.findByText("This is no number.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Alert saved");
    expect(calls.find((each) => each.method === "PUT")?.body).toMatchObject({ threshold: 80 });
  });
});

describe("two people editing one alert", () => {
  const theirs = { ...STORED, version: 4, threshold: 70, description: "theirs" };

  function conflicting() {
    let tries = 0;
    return edit({
      "PUT /api/alerts/{id}": () => {
        tries += 1;
        if (tries === 1) {
          throw refused(412, { title: "Precondition Failed" });
        }
        return theirs;
      },
      "GET /api/alerts/{id}": () => theirs,
    });
  }

  it("see what the other changed, and nothing is overwritten", async () => {
    const calls = conflicting();
    await typeInto("Threshold", "85");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByRole("table", { name: "What they changed" }).textContent).toContain(
      "theirs",
    );
    expect(within(dialog).getAllByText("changed by both")).toHaveLength(2);
    expect(calls.filter((each) => each.method === "PUT")).toHaveLength(1);
  });

  it("can put their own changes on top, and save these against the newest version", async () => {
    const calls = conflicting();
    await typeInto("Threshold", "85");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await userEvent.click(await screen.findByRole("button", { name: "Keep mine on top" }));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Alert saved");
    const last = calls.filter((each) => each.method === "PUT").at(-1);
    expect(last?.header).toEqual({ "If-Match": '"4"' });
    expect(last?.body).toMatchObject({ threshold: 85, description: "theirs" });
  });

  it("can take what the other one saved", async () => {
    conflicting();
    await typeInto("Threshold", "85");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await userEvent.click(await screen.findByRole("button", { name: "Take theirs" }));
    const field = await screen.findByRole<HTMLInputElement>("textbox", { name: "Threshold" });
    await waitFor(() => expect(field.value).toBe("70"));
  });
});

describe("a new alert", () => {
  it("that looks at others is written as a rule over their names", async () => {
    const { api, calls } = fakeApi({
      ...QUIET,
      "GET /api/alerts": () => ({
        alerts: [alertOf({ id: "c1", name: "cpu" }), alertOf({ id: "d1", name: "disk" })],
        cursor: null,
      }),
      "POST /api/alerts": () => STORED,
    });
    show(<Editor id={null} stored={null} begin={{ ...NEW, type: "composite" }} />, api, {
      path: "/alerts/new",
    });
    await typeInto("Name", "both");
    const rule = await screen.findByRole("textbox", { name: "Fires when" });
    await userEvent.type(rule, '"cpu" and not "dis');
    expect(await screen.findByText(/no closing quote/)).toBeTruthy();
    await userEvent.type(rule, 'k"');
    await userEvent.click(screen.getByRole("button", { name: "Make the alert" }));
    await screen.findByText("Alert made");
    expect(
      calls.find((each) => each.path === "/api/alerts" && each.method === "POST")?.body,
    ).toMatchObject({
      type: "composite",
      name: "both",
      condition: { all: [{ alert: "c1" }, { not: { alert: "d1" } }] },
    });
  });

  it("cannot be saved by a viewer, who is told so before filling the form", async () => {
    const { api } = fakeApi(QUIET);
    show(<Editor id={null} stored={null} begin={NEW} />, api, { path: "/x", role: "viewer" });
    expect(await screen.findByText("You can try, not save")).toBeTruthy();
    const button = screen.getByRole("button", { name: "Make the alert" });
    expect(button.getAttribute("aria-disabled")).toBe("true");
  });
});
