import { setMaxListeners } from "node:events";

/** A signal with an end in time. */
export interface Deadline {
  /** Aborts with the outer signal, or when the time is over. */
  readonly signal: AbortSignal;
  /** True where the time was over first. */
  passed(): boolean;
  /** Begins anew to count the time, where it is not over: what was waited for until now does not count. */
  restart(): void;
  /** Gives back what it holds. To be called once the work is done, whatever came of it. */
  clear(): void;
}

/**
 * A deadline of `ms` from now on, within `outer`. AbortSignal.any and AbortSignal.timeout would say the same in fewer words,
 * but keep what they were made of until the time is over, 50 s after a call that took one of them.
 */
export function deadline(outer: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  let over = false;
  const end = () => controller.abort(outer.reason);
  const timer = setTimeout(() => {
    over = true;
    controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  }, ms);
  // As AbortSignal.timeout: a deadline alone keeps no process alive.
  timer.unref();
  // A call with many requests is no leak, of which Node would warn on stderr.
  setMaxListeners(0, outer);
  if (outer.aborted) end();
  else outer.addEventListener("abort", end, { once: true });
  return {
    signal: controller.signal,
    passed: () => over,
    restart: () => void timer.refresh(),
    clear() {
      clearTimeout(timer);
      outer.removeEventListener("abort", end);
    },
  };
}

/** True for the reason of a signal whose time was over. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/** Does `work` when the signal aborts, at once where it has; gives what makes it forget that. */
export function whenAborted(signal: AbortSignal | undefined, work: () => void): () => void {
  if (signal?.aborted) work();
  else signal?.addEventListener("abort", work, { once: true });
  return () => signal?.removeEventListener("abort", work);
}
