import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { AuthError } from "~/auth/auth";
import { FakeAuth } from "~/auth/fake-auth";
import { SignInSteps } from "./steps";

const CONFIG = {
  environment: "local",
  region: "us-east-1",
  user_pool_id: "us-east-1_a",
  user_pool_client_id: "b",
  self_sign_up: true,
  password: { length: 8, symbols: false },
  version: "1",
};

function open(options: { selfSignUp?: boolean; email?: string } = {}) {
  const auth = new FakeAuth();
  let done = 0;
  render(
    <SignInSteps
      auth={auth}
      config={{ ...CONFIG, self_sign_up: options.selfSignUp ?? true }}
      heading="h1"
      {...(options.email === undefined ? {} : { email: options.email })}
      onDone={() => {
        done += 1;
      }}
    />,
  );
  return { auth, user: userEvent.setup(), isDone: () => done === 1 };
}

function field(label: string): HTMLInputElement {
  return screen.getByLabelText(label, { selector: "input" });
}

const heading = () => screen.getByRole("heading").textContent;
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

describe("signing in", () => {
  it("takes address and password, without spaces around the address", async () => {
    const { auth, user, isDone } = open();
    expect(document.activeElement).toBe(field("Email address"));
    await user.keyboard(" a@example.com {Tab}Secret12 {Enter}");
    expect(auth.asked).toEqual(["signIn a@example.com Secret12 "]);
    expect(isDone()).toBe(true);
  });

  it("tells what is wrong, and leads back to the password", async () => {
    const { auth, user, isDone } = open({ email: "a@example.com" });
    auth.steps.push(new AuthError("NotAuthorizedException", "That is not right."));
    await user.keyboard("wrong{Enter}");
    expect(screen.getByRole("alert").textContent).toBe("That is not right.");
    expect(document.activeElement).toBe(field("Password"));
    expect(isDone()).toBe(false);
  });

  it("begins with the password where the address is known", () => {
    open({ email: "a@example.com" });
    expect(document.activeElement).toBe(field("Password"));
  });

  it("shows the password when asked", async () => {
    open();
    await press("Show password");
    expect(field("Password").type).toBe("text");
    await press("Show password");
    expect(field("Password").type).toBe("password");
  });

  it("tells password managers which field is which", () => {
    open();
    expect(field("Email address").autocomplete).toBe("username");
    expect(field("Password").autocomplete).toBe("current-password");
  });

  it("offers an account only where people may sign up", () => {
    open({ selfSignUp: false });
    expect(screen.queryByText("Create an account")).toBeNull();
  });
});

describe("further steps", () => {
  it("an invited person chooses a password that meets the rules", async () => {
    const { auth, user, isDone } = open({ email: "a@example.com" });
    auth.steps.push({ kind: "new-password" });
    await user.keyboard("Temporary1{Enter}");
    expect(heading()).toBe("Choose your password");
    await user.keyboard("short1{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("at least 8 characters");
    expect(auth.asked).toHaveLength(1);
    await user.clear(field("New password"));
    await user.type(field("New password"), "Longer123{Enter}");
    expect(auth.asked.at(-1)).toBe("answer Longer123");
    expect(isDone()).toBe(true);
  });

  it("rules are ticked off while one types", async () => {
    const { auth, user } = open({ email: "a@example.com" });
    auth.steps.push({ kind: "new-password" });
    await user.keyboard("Temporary1{Enter}");
    await user.keyboard("A1");
    const met = screen.getAllByRole("listitem").filter((each) => each.dataset.met === "true");
    expect(met.map((each) => each.textContent)).toEqual([
      "An upper case letter (met)",
      "A number (met)",
    ]);
  });

  it("a code of the app is asked for, spaces in it do no harm", async () => {
    const { auth, user, isDone } = open({ email: "a@example.com" });
    auth.steps.push({ kind: "totp" });
    await user.keyboard("Secret12{Enter}");
    expect(document.activeElement).toBe(field("Code"));
    await user.keyboard("123 456{Enter}");
    expect(auth.asked.at(-1)).toBe("answer 123456");
    expect(isDone()).toBe(true);
  });

  it("a wrong code may be typed again; one that comes too late leads back to the beginning", async () => {
    const { auth, user } = open({ email: "a@example.com" });
    auth.steps.push(
      { kind: "totp" },
      new AuthError("CodeMismatchException", "The code is not right."),
      new AuthError("TooLate", "Too late."),
    );
    await user.keyboard("Secret12{Enter}");
    await user.keyboard("1{Enter}");
    expect(screen.getByRole("alert").textContent).toBe("The code is not right.");
    await user.keyboard("2{Enter}");
    expect(heading()).toBe("Sign in to Skafu");
    expect(screen.getByRole("status").textContent).toContain("took too long");
  });

  it("a forgotten password is replaced by means of a code, and signs in", async () => {
    const { auth, user, isDone } = open();
    await press("Forgot your password?");
    await user.keyboard("a@example.com{Enter}");
    expect(screen.getByRole("status").textContent).toContain("If a@example.com has an account");
    await user.type(field("Code"), "123456");
    await user.type(field("New password"), "Longer123{Enter}");
    expect(auth.asked).toEqual([
      "requestReset a@example.com",
      "confirmReset a@example.com 123456 Longer123",
      "signIn a@example.com Longer123",
    ]);
    expect(isDone()).toBe(true);
  });

  it("a password that an admin has reset leads there too", async () => {
    const { auth, user } = open({ email: "a@example.com" });
    auth.steps.push({ kind: "reset-password" });
    await user.keyboard("Secret12{Enter}");
    expect(heading()).toBe("Choose a new password");
    expect(field("Email address").value).toBe("a@example.com");
  });
});

describe("signing up", () => {
  async function signUp() {
    const opened = open();
    const { auth, user } = opened;
    auth.steps.push({ kind: "confirm-sign-up" });
    await press("Create an account");
    await user.type(field("Email address"), "a@example.com");
    await user.type(field("Your name"), "Anna");
    await user.type(field("New password"), "Longer123{Enter}");
    return opened;
  }

  it("confirms the address with a code, and signs in with the password that was just chosen", async () => {
    const { auth, user, isDone } = await signUp();
    expect(heading()).toBe("Confirm your address");
    await user.keyboard("123456{Enter}");
    expect(auth.asked).toEqual([
      "signUp a@example.com Anna Longer123",
      "confirmSignUp a@example.com 123456",
      "signIn a@example.com Longer123",
    ]);
    expect(isDone()).toBe(true);
  });

  it("sends the code again, and keeps what was typed", async () => {
    const { auth, user } = await signUp();
    await user.keyboard("12");
    await press("Send a new code");
    expect(auth.asked.at(-1)).toBe("resendCode a@example.com");
    expect(screen.getByRole("status").textContent).toBe("A new code is on its way.");
    expect(field("Code").value).toBe("12");
  });

  it("tells when no new code could be sent", async () => {
    const { auth } = await signUp();
    auth.failure = new AuthError("LimitExceededException", "Too many tries.");
    await press("Send a new code");
    expect(screen.getByRole("status").textContent).toBe("Too many tries.");
  });

  it("is gone on with by whoever signs in without having confirmed", async () => {
    const { auth, user } = open({ email: "a@example.com" });
    auth.steps.push({ kind: "confirm-sign-up" });
    await user.keyboard("Secret12{Enter}");
    await user.keyboard("123456{Enter}");
    expect(auth.asked.slice(1)).toEqual([
      "confirmSignUp a@example.com 123456",
      "signIn a@example.com Secret12",
    ]);
  });
});
