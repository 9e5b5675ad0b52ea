/**
 * Looks at a deployed console and its API from outside: API_ENDPOINT (the stack's output ApiEndpoint),
 * CONSOLE_URL and ENVIRONMENT in the environment. Run by `npm run test:smoke`; exits with 1 when something
 * is not as it should be. What needs a sign-in, `python -m skafu.ops smoke` looks at.
 */
import { needed, smoke, tell } from "./deployed.ts";

const { API_ENDPOINT, CONSOLE_URL, ENVIRONMENT } = needed(
  process.env,
  "API_ENDPOINT",
  "CONSOLE_URL",
  "ENVIRONMENT",
);
const findings = await smoke({
  apiEndpoint: API_ENDPOINT,
  consoleUrl: CONSOLE_URL,
  environment: ENVIRONMENT,
});
process.exitCode = tell(findings, (line) => process.stdout.write(line));
