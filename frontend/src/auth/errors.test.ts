import { expect, it } from "vitest";
import { AuthError, isOver, readable } from "./errors";

function cognito(name: string, message = "words"): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

it.each([
  [
    "NotAuthorizedException",
    "Incorrect username or password.",
    "The email address or the password",
  ],
  ["UserNotFoundException", "User does not exist.", "The email address or the password"],
  ["NotAuthorizedException", "Password attempts exceeded", "Too many tries"],
  ["NotAuthorizedException", "User is disabled.", "This account is disabled"],
  ["NotAuthorizedException", "Temporary password has expired and must be reset", "The invitation"],
  ["NotAuthorizedException", "Invalid session for the user.", "That took too long"],
  [
    "InvalidPasswordException",
    "Password did not conform with policy: Password not long enough",
    "Password not long enough.",
  ],
  ["InvalidPasswordException", "words", "The password does not meet the rules"],
  ["NetworkError", "A network error has occurred.", "Cognito cannot be reached"],
  ["LimitExceededException", "Attempt limit exceeded", "Too many tries"],
  ["InvalidParameterException", "no registered/verified email", "This address was never confirmed"],
  ["SomethingNew", "What Cognito says.", "What Cognito says."],
])("tells %s (%s) in a sentence", (name, words, sentence) => {
  expect(readable(cognito(name, words)).message).toContain(sentence);
});

it("does not say whether an address is known", () => {
  const unknown = readable(cognito("UserNotFoundException"));
  expect(readable(cognito("NotAuthorizedException")).message).toBe(unknown.message);
});

it("knows when the sign-in must begin anew", () => {
  expect(readable(cognito("NotAuthorizedException", "Invalid session")).tooLate).toBe(true);
  expect(readable(cognito("CodeMismatchException")).tooLate).toBe(false);
});

it("leaves a sentence alone that it has made already", () => {
  const made = new AuthError("x", "A sentence.");
  expect(readable(made)).toBe(made);
});

it("takes only what is final for the end of a session", () => {
  expect(isOver(cognito("NotAuthorizedException"))).toBe(true);
  expect(isOver(cognito("TooManyRequestsException"))).toBe(false);
  expect(isOver(cognito("NetworkError"))).toBe(false);
});
