/** Who is signed in, and how one signs in: what pages know of it. cognito.ts alone knows how it is done. */

/** What is wanted next of whoever signs in. */
export type Step =
  | { readonly kind: "done" }
  | { readonly kind: "new-password" }
  | { readonly kind: "totp" }
  | { readonly kind: "confirm-sign-up" }
  | { readonly kind: "reset-password" };

export interface TotpSetup {
  /** Base 32, to be typed into an authenticator app. */
  readonly secret: string;
  /** The same as otpauth:// address. */
  readonly uri: string;
}

/** All of them throw AuthError when it does not work, with a sentence for people. */
export interface Auth {
  /** The address of who is signed in; null for nobody. */
  current(): Promise<string | null>;
  /** A valid access token, refreshed when it is about to expire or when `renew` asks; null for nobody. */
  accessToken(renew?: boolean): Promise<string | null>;
  signIn(email: string, password: string): Promise<Step>;
  /** Answers the step that signIn or this has named last: a new password, a code. */
  answer(response: string): Promise<Step>;
  /** Ends the session in this browser, in all its tabs; everywhere: in all browsers. */
  signOut(everywhere?: boolean): Promise<void>;
  /** Told when another tab of this browser signs out or in. Returns how to stop that. */
  watch(changed: (what: "signed-in" | "signed-out" | "expired") => void): () => void;

  /** Sends a code to the address. */
  requestReset(email: string): Promise<void>;
  confirmReset(email: string, code: string, password: string): Promise<void>;
  signUp(email: string, name: string, password: string): Promise<Step>;
  confirmSignUp(email: string, code: string): Promise<void>;
  /** Sends the code of the sign-up again. */
  resendCode(email: string): Promise<void>;

  changePassword(before: string, after: string): Promise<void>;
  hasTotp(): Promise<boolean>;
  setUpTotp(email: string): Promise<TotpSetup>;
  /** Proves that the app shows the right codes; from then on each sign-in asks for one. */
  verifyTotp(code: string): Promise<void>;
  switchOffTotp(): Promise<void>;
}

export { AuthError } from "./errors";
