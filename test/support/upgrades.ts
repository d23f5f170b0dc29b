import undici, { type Dispatcher } from "undici";
import { vi } from "vitest";

/** A controller for what is answered in place of a server. */
const controller = {
  aborted: false,
  paused: false,
  reason: null,
  rawHeaders: null,
  rawTrailers: null,
  abort() {},
  pause() {},
  resume() {},
} satisfies Dispatcher.DispatchController;

/**
 * Puts `before` in front of each websocket that this process opens, as tests put a fetch of theirs in the place of the global
 * one: it may wait, throw, give a status and a text to answer with in place of the server, or the address of another server.
 * Gives what removes it.
 */
export function onUpgrade(
  before: (url: URL) => Promise<readonly [status: number, text: string] | string | undefined>,
): { remove(): void } {
  const { dispatch } = undici.Agent.prototype;
  const spy = vi.spyOn(undici.Agent.prototype, "dispatch").mockImplementation(function (
    this: Dispatcher,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ) {
    if (options.upgrade !== "websocket") return dispatch.call(this, options, handler);
    const url = new URL(options.path, options.origin);
    before(url).then(
      (answer) => {
        if (answer === undefined) return void dispatch.call(this, options, handler);
        if (typeof answer === "string") return void dispatch.call(this, { ...options, origin: answer }, handler);
        handler.onRequestStart?.(controller, {});
        handler.onResponseStart?.(controller, answer[0], { "content-type": "text/plain" }, "");
        handler.onResponseData?.(controller, Buffer.from(answer[1]));
        handler.onResponseEnd?.(controller, {});
      },
      (error) => handler.onResponseError?.(controller, error),
    );
    return true;
  });
  return { remove: () => spy.mockRestore() };
}
