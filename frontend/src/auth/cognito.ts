/**
 * Auth over Cognito's user pool, by SRP: the password itself never leaves the browser. The only
 * place that knows the library which talks to Cognito. Access tokens are what the API wants; the
 * ID token is never sent.
 */

import * as cognito from "@aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "@aws-amplify/auth/cognito";
import { Amplify, type AuthConfig, ConsoleLogger } from "@aws-amplify/core";
import type { Config } from "~/config";
import type { Auth, Step } from "./auth";
import { AuthError, isOver, readable } from "./errors";
import { forgetPersons } from "./person-storage";
import { SIGNED_OUT_KEY, watchTabs } from "./tabs";

const STEPS: Readonly<Record<string, Step["kind"]>> = {
  DONE: "done",
  COMPLETE_AUTO_SIGN_IN: "done",
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

/** What Cognito answers, with its errors in sentences. */
async function told<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw readable(error);
  }
}

function configure(config: Config): void {
  const endpoint = config.cognito_endpoint;
  const settings: AuthConfig = {
    Cognito: {
      userPoolId: config.user_pool_id,
      userPoolClientId: config.user_pool_client_id,
      ...(endpoint === undefined ? {} : { userPoolEndpoint: endpoint }),
    },
  };
  cognitoUserPoolsTokenProvider.setAuthConfig(settings);
  // It warns of an endpoint that is not AWS's own; the embedded AWS is meant.
  const level = ConsoleLogger.LOG_LEVEL;
  if (endpoint !== undefined) {
    ConsoleLogger.LOG_LEVEL = "ERROR";
  }
  Amplify.configure({ Auth: settings }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });
  ConsoleLogger.LOG_LEVEL = level;
}

export function cognitoAuth(config: Config): Auth {
  configure(config);

  async function tokens(renew: boolean) {
    try {
      return (await cognito.fetchAuthSession({ forceRefresh: renew })).tokens;
    } catch (error) {
      if (isOver(error)) {
        return undefined;
      }
      throw readable(error);
    }
  }

  async function signIn(email: string, password: string): Promise<Step> {
    const answer = await cognito.signIn({ username: email, password });
    return step(answer.nextStep.signInStep);
  }

  return {
    async current() {
      const email = (await tokens(false))?.idToken?.payload.email;
      return typeof email === "string" ? email : null;
    },
    async accessToken(renew = false) {
      return (await tokens(renew))?.accessToken.toString() ?? null;
    },
    async signIn(email, password) {
      try {
        return await signIn(email, password);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "UserAlreadyAuthenticatedException") {
          throw readable(error);
        }
        // The API refuses a session that Cognito still knows: it is replaced by a new one.
        await cognito.signOut();
        return await told(signIn(email, password));
      }
    },
    async answer(response) {
      const answer = await told(cognito.confirmSignIn({ challengeResponse: response }));
      return step(answer.nextStep.signInStep);
    },
    async signOut(everywhere = false) {
      if (everywhere) {
        // The library keeps quiet when it does not reach Cognito; it must not be said to be done then.
        await tokens(true);
      }
      localStorage.setItem(SIGNED_OUT_KEY, String(Date.now()));
      forgetPersons(sessionStorage);
      await told(cognito.signOut({ global: everywhere }));
    },
    watch(changed) {
      return watchTabs(window, config.user_pool_client_id, changed);
    },
    async requestReset(email) {
      await told(cognito.resetPassword({ username: email }));
    },
    async confirmReset(email, code, password) {
      const input = { username: email, confirmationCode: code, newPassword: password };
      await told(cognito.confirmResetPassword(input));
    },
    async signUp(email, name, password) {
      const options = { userAttributes: { email, name } };
      const answer = await told(cognito.signUp({ username: email, password, options }));
      return step(answer.nextStep.signUpStep);
    },
    async confirmSignUp(email, code) {
      await told(cognito.confirmSignUp({ username: email, confirmationCode: code }));
    },
    async resendCode(email) {
      await told(cognito.resendSignUpCode({ username: email }));
    },
    async changePassword(before, after) {
      await told(cognito.updatePassword({ oldPassword: before, newPassword: after }));
    },
    async hasTotp() {
      return (await told(cognito.fetchMFAPreference())).enabled?.includes("TOTP") ?? false;
    },
    async setUpTotp(email) {
      const details = await told(cognito.setUpTOTP());
      const name = config.environment === "production" ? "Skafu" : `Skafu ${config.environment}`;
      return { secret: details.sharedSecret, uri: details.getSetupUri(name, email).toString() };
    },
    async verifyTotp(code) {
      await told(cognito.verifyTOTPSetup({ code }));
      await told(cognito.updateMFAPreference({ totp: "PREFERRED" }));
    },
    async switchOffTotp() {
      await told(cognito.updateMFAPreference({ totp: "DISABLED" }));
    },
  };
}
