import { expect, it } from "vitest";
import { Gate } from "./gate";

it("asks once for all that waits, and lets it go on together", async () => {
  const gate = new Gate();
  let changes = 0;
  gate.subscribe(() => {
    changes += 1;
  });
  const waiting = [gate.ask(), gate.ask()];
  expect(gate.asked()).toBe(true);
  gate.answer(true);
  expect(await Promise.all(waiting)).toEqual([true, true]);
  expect([gate.asked(), changes]).toEqual([false, 3]);
});

it("lets what waits give up when somebody else has signed in", async () => {
  const gate = new Gate();
  const waiting = gate.ask();
  gate.answer(false);
  expect(await waiting).toBe(false);
});

it("asks anew after it was answered", async () => {
  const gate = new Gate();
  gate.answer(true);
  const waiting = gate.ask();
  expect(gate.asked()).toBe(true);
  gate.answer(true);
  expect(await waiting).toBe(true);
});
