/**
 * Who is signed in, and how one signs in: the only place that knows which library talks to Cognito.
 * Access tokens are what the API wants; the ID token is never sent.
 */

import * as cognito from "@aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "@aws-amplify/auth/cognito";
import { Amplify, type AuthConfig } from "@aws-amplify/core";
import type { Config } from "~/config";

/** What Cognito wants next of whoever signs in. */
export type Step =
  | { readonly kind: "done" }
  | { readonly kind: "new-password" }
  | { readonly kind: "totp" }
  | { readonly kind: "confirm-sign-up" }
  | { readonly kind: "reset-password" };

/** An answer of Cognito that a person can do something about; `message` says what, in a sentence. */
export class AuthError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "AuthError";
    this.code = code;
  }
}

export interface Auth {
  /** The address of who is signed in; null for nobody. */
  current(): Promise<string | null>;
  /** A valid access token, refreshed when it is about to expire or when `renew` asks; null for nobody. */
  accessToken(renew?: boolean): Promise<string | null>;
  /** Raises AuthError. */
  signIn(email: string, password: string): Promise<Step>;
  /** Answers the step that signIn or this has named last: a new password, a code. Raises AuthError. */
  answer(response: string): Promise<Step>;
  /** Ends the session in this browser; everywhere: in all of them. */
  signOut(everywhere?: boolean): Promise<void>;
}

const SENTENCES: Readonly<Record<string, string>> = {
  NotAuthorizedException: "The email address or the password is not right.",
  UserNotFoundException: "The email address or the password is not right.",
  LimitExceededException: "Too many tries. Wait a few minutes, then try again.",
  TooManyRequestsException: "Too many tries. Wait a few minutes, then try again.",
  CodeMismatchException: "The code is not right. Look for the newest one.",
  ExpiredCodeException: "The code has expired. Ask for a new one.",
  InvalidPasswordException: "The password does not meet the rules of this environment.",
  NetworkError: "Cognito cannot be reached. Check the connection, then try again.",
};

/** The error as a person should read it; what is not known keeps Cognito's own words. */
export function readable(error: unknown): AuthError {
  const code = error instanceof Error ? error.name : "Unknown";
  const words = error instanceof Error ? error.message : String(error);
  return new AuthError(code, SENTENCES[code] ?? words);
}

const STEPS: Readonly<Record<string, Step["kind"]>> = {
  DONE: "done",
  CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED: "new-password",
  CONFIRM_SIGN_IN_WITH_TOTP_CODE: "totp",
  CONFIRM_SIGN_UP: "confirm-sign-up",
  RESET_PASSWORD: "reset-password",
};

function step(name: string): Step {
  const kind = STEPS[name];
  if (kind === undefined) {
    throw new AuthError(name, `Cognito asks for a step that this console does not know: ${name}.`);
  }
  return { kind };
}

/** Auth over Cognito's user pool, by SRP: the password itself never leaves the browser. */
export function cognitoAuth(config: Config): Auth {
  const endpoint = config.cognito_endpoint;
  const settings: AuthConfig = {
    Cognito: {
      userPoolId: config.user_pool_id,
      userPoolClientId: config.user_pool_client_id,
      ...(endpoint === undefined ? {} : { userPoolEndpoint: endpoint }),
    },
  };
  cognitoUserPoolsTokenProvider.setAuthConfig(settings);
  Amplify.configure({ Auth: settings }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });

  async function tokens(renew: boolean) {
    try {
      return (await cognito.fetchAuthSession({ forceRefresh: renew })).tokens;
    } catch (error) {
      if (error instanceof Error && error.name === "NetworkError") {
        throw readable(error);
      }
      return undefined;
    }
  }

  return {
    async current() {
      const found = await tokens(false);
      const email = found?.idToken?.payload.email;
      return typeof email === "string" ? email : null;
    },
    async accessToken(renew = false) {
      return (await tokens(renew))?.accessToken.toString() ?? null;
    },
    async signIn(email, password) {
      try {
        const answer = await cognito.signIn({ username: email, password });
        return step(answer.nextStep.signInStep);
      } catch (error) {
        throw error instanceof AuthError ? error : readable(error);
      }
    },
    async answer(response) {
      try {
        const answer = await cognito.confirmSignIn({ challengeResponse: response });
        return step(answer.nextStep.signInStep);
      } catch (error) {
        throw error instanceof AuthError ? error : readable(error);
      }
    },
    async signOut(everywhere = false) {
      await cognito.signOut({ global: everywhere });
    },
  };
}
