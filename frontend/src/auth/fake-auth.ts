import { type Auth, AuthError, type Step } from "./auth";

/** An Auth for tests: says what was asked of it, and answers what it was told to. */
export class FakeAuth implements Auth {
  readonly asked: string[] = [];
  /** What comes next, for signIn, answer and signUp in the order in which they are asked. */
  readonly steps: (Step | AuthError)[] = [];
  /** What everything else fails with; null for nothing. */
  failure: AuthError | null = null;
  email: string | null = null;
  token = "token";
  #changed: ((what: "signed-in" | "signed-out" | "expired") => void) | null = null;

  /** Another tab does something. */
  elsewhere(what: "signed-in" | "signed-out" | "expired"): void {
    this.#changed?.(what);
  }

  async current() {
    return this.email;
  }

  async accessToken(renew = false) {
    this.asked.push(renew ? "renew" : "token");
    return this.token;
  }

  signIn(email: string, password: string) {
    return this.#step(`signIn ${email} ${password}`);
  }

  answer(response: string) {
    return this.#step(`answer ${response}`);
  }

  signUp(email: string, name: string, password: string) {
    return this.#step(`signUp ${email} ${name} ${password}`);
  }

  signOut(everywhere = false) {
    return this.#done(`signOut ${everywhere}`);
  }

  watch(changed: (what: "signed-in" | "signed-out" | "expired") => void) {
    this.#changed = changed;
    return () => {
      this.#changed = null;
    };
  }

  requestReset(email: string) {
    return this.#done(`requestReset ${email}`);
  }

  confirmReset(email: string, code: string, password: string) {
    return this.#done(`confirmReset ${email} ${code} ${password}`);
  }

  confirmSignUp(email: string, code: string) {
    return this.#done(`confirmSignUp ${email} ${code}`);
  }

  resendCode(email: string) {
    return this.#done(`resendCode ${email}`);
  }

  changePassword(before: string, after: string) {
    return this.#done(`changePassword ${before} ${after}`);
  }

  async hasTotp() {
    return false;
  }

  async setUpTotp(email: string) {
    await this.#done(`setUpTotp ${email}`);
    return { secret: "ABCDEFGH", uri: "otpauth://totp/x?secret=ABCDEFGH" };
  }

  verifyTotp(code: string) {
    return this.#done(`verifyTotp ${code}`);
  }

  switchOffTotp() {
    return this.#done("switchOffTotp");
  }

  async #step(asked: string): Promise<Step> {
    this.asked.push(asked);
    const next = this.steps.shift() ?? { kind: "done" };
    if (next instanceof AuthError) {
      throw next;
    }
    return next;
  }

  async #done(asked: string): Promise<void> {
    this.asked.push(asked);
    if (this.failure !== null) {
      throw this.failure;
    }
  }
}
