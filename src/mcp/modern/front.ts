import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { notLoaded } from "../fault.ts";
import { protocol } from "../protocol.data.ts";
import type { Welcome } from "../welcome.ts";
import type { Answerer } from "./answer.ts";
import { knownReply, type Notify, type Reply } from "./known.ts";
import { isModern } from "./request.ts";

/**
 * Answers requests of the revision without sessions over a line of messages: those that need no code with data, the others with
 * the code that is loaded for the first of them. Each is by itself, whatever came before it, in a session as well.
 */
export class ModernFront {
  readonly #welcome: Welcome;
  readonly #load: () => Promise<{ readonly answer: Answerer }>;
  readonly #send: (message: JSONRPCMessage) => Promise<void>;
  readonly #open = new Map<JSONRPCRequest["id"], AbortController>();

  constructor(
    welcome: Welcome,
    load: () => Promise<{ readonly answer: Answerer }>,
    send: (message: JSONRPCMessage) => Promise<void>,
  ) {
    this.#welcome = welcome;
    this.#load = load;
    this.#send = send;
  }

  /** Takes a message that is of this revision, or cancels a request that is; false for any other. */
  takes(message: JSONRPCMessage): boolean {
    if (!("method" in message)) return false;
    if ("id" in message) {
      if (!isModern(message)) return false;
      void this.#take(message);
      return true;
    }
    if (message.method !== "notifications/cancelled") return false;
    const { requestId } = message.params ?? {};
    const open = this.#open.get(requestId as JSONRPCRequest["id"]);
    open?.abort();
    return open !== undefined;
  }

  /** Ends all that is under way. */
  close(): void {
    for (const controller of this.#open.values()) controller.abort();
  }

  async #take(request: JSONRPCRequest): Promise<void> {
    const { id } = request;
    const notify: Notify = (notification) => void this.#send({ jsonrpc: "2.0", ...notification });
    const known = knownReply(request, this.#welcome, notify);
    if (known !== undefined) {
      await this.#reply(id, known);
      // A call follows.
      if (request.method === "tools/list") setImmediate(() => void this.#load().catch(() => {}));
      return;
    }
    const controller = new AbortController();
    const { signal } = controller;
    this.#open.set(id, controller);
    try {
      const { answer } = await this.#load();
      const reply = await answer(request, { signal }, (notification) => {
        if (!signal.aborted) notify(notification);
      });
      if (!signal.aborted) await this.#reply(id, reply);
    } catch (error) {
      const message = notLoaded(error);
      if (!signal.aborted) await this.#reply(id, { error: { code: protocol.errors.internal, message } });
    } finally {
      if (this.#open.get(id) === controller) this.#open.delete(id);
    }
  }

  #reply(id: JSONRPCRequest["id"], reply: Reply): Promise<void> {
    return this.#send({ jsonrpc: "2.0", id, ...reply });
  }
}
