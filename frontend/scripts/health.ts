/**
 * Waits, for half a minute at most, until the API at API_ENDPOINT says that it is well; with ENVIRONMENT and
 * VERSION that it is the expected one. Run by `npm run test:health`; exits with 1 when it does not.
 */
import { setTimeout } from "node:timers/promises";
import { health, needed, tell } from "./deployed.ts";

const TRIES = 10;
const PAUSE_MS = 3_000;

const { API_ENDPOINT } = needed(process.env, "API_ENDPOINT");
const wanted = {
  environment: process.env.ENVIRONMENT || undefined,
  version: process.env.VERSION || undefined,
};
const finding = await health(API_ENDPOINT, wanted, {
  tries: TRIES,
  pause: () => setTimeout(PAUSE_MS),
});
process.exitCode = tell([finding], (line) => process.stdout.write(line));
