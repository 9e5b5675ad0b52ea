import type { PasswordPolicy } from "~/config";

/** One rule of the user pool for passwords, in words, and whether a password meets it. */
export interface Rule {
  readonly text: string;
  readonly met: (password: string) => boolean;
}

/** What Cognito takes for a symbol; a space counts, unless it leads or trails. */
const SYMBOL = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|(?<=\S) +(?=\S)/;

/** The rules that hold in every environment, and those of this one as far as config.json tells them. */
export function rulesOf(policy: PasswordPolicy | undefined): readonly Rule[] {
  const everywhere: readonly Rule[] = [
    { text: "An upper case letter", met: (password) => /[A-Z]/.test(password) },
    { text: "A lower case letter", met: (password) => /[a-z]/.test(password) },
    { text: "A number", met: (password) => /\d/.test(password) },
  ];
  if (policy === undefined) {
    return everywhere;
  }
  const length: Rule = {
    text: `At least ${policy.length} characters`,
    met: (password) => password.length >= policy.length,
  };
  const symbol: Rule = {
    text: "A symbol, such as ! or #",
    met: (password) => SYMBOL.test(password),
  };
  return [length, ...everywhere, ...(policy.symbols ? [symbol] : [])];
}

/** The first rule that is not met, in a sentence; null when all are. */
export function broken(rules: readonly Rule[], password: string): string | null {
  const found = rules.find((each) => !each.met(password));
  return found === undefined ? null : `The password lacks this: ${lowerFirst(found.text)}.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
