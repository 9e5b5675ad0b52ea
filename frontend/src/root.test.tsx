import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { AuthError } from "~/auth/auth";
import { FakeAuth } from "~/auth/fake-auth";
import type { Gate } from "~/auth/gate";
import { Root } from "./root";

const CONFIG = {
  environment: "local",
  region: "us-east-1",
  user_pool_id: "us-east-1_a",
  user_pool_client_id: "b",
  self_sign_up: false,
  version: "1",
};

/** In the place of the console: whose it is, and what waits for a new sign-in. */
function FakeApp(props: { email: string; gate: Gate }) {
  return (
    <>
      <h1>Console of {props.email}</h1>
      <button
        type="button"
        onClick={(event) => {
          const { currentTarget } = event;
          void props.gate.ask().then((again) => {
            currentTarget.textContent = again ? "goes on" : "gave up";
          });
        }}
      >
        waits
      </button>
    </>
  );
}

function open(email: string | null) {
  const auth = new FakeAuth();
  auth.email = email;
  render(<Root auth={auth} config={CONFIG} app={FakeApp} settled={0} />);
  return auth;
}

const heading = (name: string) => screen.findByRole("heading", { name });

it("asks nobody signed in to sign in, and then shows the console", async () => {
  const auth = open(null);
  await heading("Sign in to Skafu");
  auth.email = "a@example.com";
  await userEvent.type(screen.getByLabelText("Email address"), "a@example.com");
  await userEvent.type(screen.getByLabelText("Password"), "Secret12{Enter}");
  await heading("Console of a@example.com");
});

it("leaves the console when another tab signs out", async () => {
  const auth = open("a@example.com");
  await heading("Console of a@example.com");
  auth.email = null;
  act(() => auth.elsewhere("signed-out"));
  await heading("Sign in to Skafu");
  expect(screen.getByRole("status").textContent).toContain("another tab");
});

it("is made anew for somebody else who signs in in another tab; what waited gives up", async () => {
  const auth = open("a@example.com");
  await userEvent.click(await screen.findByText("waits"));
  const before = screen.getByText("waits");
  auth.email = "b@example.com";
  act(() => auth.elsewhere("signed-in"));
  await heading("Console of b@example.com");
  expect(before.textContent).toBe("gave up");
  expect(screen.getByText("waits")).not.toBe(before);
});

it("goes on when the same person signs in in another tab", async () => {
  const auth = open("a@example.com");
  await userEvent.click(await screen.findByText("waits"));
  act(() => auth.elsewhere("signed-in"));
  await screen.findByText("goes on");
  expect(screen.getByRole("heading").textContent).toBe("Console of a@example.com");
});

it("keeps the page when a session ends by itself in another tab", async () => {
  const auth = open("a@example.com");
  await heading("Console of a@example.com");
  auth.email = null;
  act(() => auth.elsewhere("expired"));
  await heading("Console of a@example.com");
});

it("tells when Cognito cannot be reached, and tries again", async () => {
  const auth = new FakeAuth();
  let failing = true;
  auth.current = async () => {
    if (failing) {
      throw new AuthError("NetworkError", "Cognito cannot be reached.");
    }
    return "a@example.com";
  };
  render(<Root auth={auth} config={CONFIG} app={FakeApp} settled={0} />);
  expect((await screen.findByRole("alert")).textContent).toBe("Cognito cannot be reached.");
  failing = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await heading("Console of a@example.com");
});
