import { type FormEvent, useState } from "react";
import type { Auth } from "~/auth/auth";
import type { Config } from "~/config";

/** Plain elements on purpose: this page is all that somebody on a slow line waits for. */
export function SignInPage(props: { auth: Auth; config: Config; onDone: () => void }) {
  const [failure, setFailure] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    try {
      const step = await props.auth.signIn(String(form.get("email")), String(form.get("password")));
      if (step.kind === "done") {
        props.onDone();
      }
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <main>
      <h1>Sign in to Skafu</h1>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          Email address <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password{" "}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {failure !== null && <p role="alert">{failure}</p>}
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
