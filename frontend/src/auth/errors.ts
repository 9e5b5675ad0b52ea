/** Cognito's errors in sentences that say what to do next. */

/** Something about signing in that did not work; `message` says what, in a sentence. */
export class AuthError extends Error {
  /** Cognito's name of it; "NetworkError" when nothing answered. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "AuthError";
    this.code = code;
  }

  /** Whether the whole sign-in must begin anew. */
  get tooLate(): boolean {
    return this.code === TOO_LATE;
  }
}

const TOO_LATE = "TooLate";
const TOO_MANY = "Too many tries. Wait a few minutes, then try again.";
const WRONG = "The email address or the password is not right.";

const SENTENCES: Readonly<Record<string, string>> = {
  NotAuthorizedException: WRONG,
  UserNotFoundException: WRONG,
  LimitExceededException: TOO_MANY,
  TooManyRequestsException: TOO_MANY,
  TooManyFailedAttemptsException: TOO_MANY,
  CodeMismatchException: "The code is not right. Take the newest one, and type all of it.",
  EnableSoftwareTokenMFAException:
    "The code is not right. Check that the phone's clock is right, then type the code it shows now.",
  ExpiredCodeException: "The code has expired. Ask for a new one.",
  InvalidPasswordException: "The password does not meet the rules of this environment.",
  PasswordHistoryPolicyViolationException: "You have used this password before. Choose another.",
  UsernameExistsException:
    "There is an account with this address. Sign in, or reset the password if you forgot it.",
  CodeDeliveryFailureException: "The mail with the code could not be sent. Check the address.",
  InternalErrorException: "Cognito has a problem. Try again in a minute.",
  NetworkError: "Cognito cannot be reached. Check the connection, then try again.",
};

/** What NotAuthorizedException may mean beside a wrong password: Cognito tells it by its words alone. */
const REFUSED: readonly (readonly [RegExp, string, string?])[] = [
  [/attempts exceeded/i, TOO_MANY],
  [/user is disabled/i, "This account is disabled. Ask an admin of your team to enable it."],
  [
    /temporary password has expired/i,
    "The invitation has expired. Ask an admin of your team to send it again.",
  ],
  [/invalid session|session (is|has) expired/i, "That took too long. Sign in again.", TOO_LATE],
  [/sign.?up is not permitted/i, "Nobody can sign up here. Ask an admin to invite you."],
  [/current status is confirmed/i, "This address is confirmed already. Sign in."],
  [
    /access token has (been revoked|expired)|refresh token/i,
    "Your session is over. Sign in again.",
  ],
];

const POLICY = /did not conform with policy: (.+)$/i;

/** The error as a person should read it; what is not known keeps Cognito's own words. */
export function readable(error: unknown): AuthError {
  if (error instanceof AuthError) {
    return error;
  }
  const code = error instanceof Error ? error.name : "Unknown";
  const words = error instanceof Error ? error.message : String(error);
  if (code === "NotAuthorizedException") {
    const [, sentence, other] = REFUSED.find(([pattern]) => pattern.test(words)) ?? [];
    return new AuthError(other ?? code, sentence ?? WRONG);
  }
  if (code === "InvalidPasswordException") {
    const rule = POLICY.exec(words)?.[1];
    return new AuthError(code, rule === undefined ? (SENTENCES[code] ?? words) : `${rule}.`);
  }
  if (code === "InvalidParameterException" && /no registered\/verified/.test(words)) {
    return new AuthError(
      code,
      "This address was never confirmed, so no code can be sent to it. Ask an admin of your team.",
    );
  }
  return new AuthError(code, SENTENCES[code] ?? words);
}

const OVER: ReadonlySet<string> = new Set([
  "NotAuthorizedException",
  "TokenRevokedException",
  "UserNotFoundException",
  "PasswordResetRequiredException",
  "UserNotConfirmedException",
  "RefreshTokenReuseException",
  "UserUnAuthenticatedException",
]);

/** Whether a session that cannot be renewed is over, or only cannot be renewed just now. */
export function isOver(error: unknown): boolean {
  return error instanceof Error && OVER.has(error.name);
}
