import { setImmediate } from "node:timers/promises";

/** Work that can be left between its steps; what it returns is its result. */
export type Steps<T> = Generator<void, T>;

/** So long others wait for their turn, in ms; a step is much shorter. */
const longestTurn = 50;

/** Does the work in one go. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the work, and lets others have their turn where it takes long. @throws The reason of a signal that aborts meanwhile. */
export async function inTurns<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  for (let began = performance.now(); ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - began < longestTurn) continue;
    await setImmediate();
    signal.throwIfAborted();
    began = performance.now();
  }
}
