import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { isObject } from "../../mcp/fault.ts";
import { metaOf } from "../../mcp/modern/request.ts";
import { metaKeys } from "../../mcp/modern/revision.ts";
import { protocol } from "../../mcp/protocol.data.ts";
import type { Speaker } from "../stdio.ts";
import { ServerFault } from "./fault.ts";
import { RemoteServer } from "./server.ts";
import type { Way } from "./way.ts";

/**
 * Hands each message of a host on to a server, and what that says back. Each request of the host is one request over HTTP:
 * where the host cancels it, that ends, which is how a server without sessions hears of it. What cannot be handed on is
 * answered with what is wrong.
 */
export class Bridge implements Speaker {
  readonly #way: Way;
  readonly #server: RemoteServer;
  readonly #log: (line: string) => void;
  readonly #open = new Map<JSONRPCRequest["id"], AbortController>();
  /** The tools that read, as the server lists them. */
  readonly #reading = new Set<string>();
  readonly #over = new AbortController();
  #host: Transport | undefined;
  /** What the log was last told of the server: what is wrong with it, or "" where nothing is. */
  #told: string | undefined;

  /** `log` gets a line at the start, and whenever it becomes another. */
  constructor(way: Way, log: (line: string) => void) {
    this.#way = way;
    this.#server = new RemoteServer(way, "nomad-mcp-bridge");
    this.#log = log;
  }

  /** Begins to hand messages on, and looks whether the server is there. */
  async open(host: Transport): Promise<void> {
    this.#host = host;
    host.onmessage = (message) => void this.#take(message);
    await host.start();
    void this.#greet();
  }

  async close(): Promise<void> {
    this.#over.abort();
    for (const controller of this.#open.values()) controller.abort();
    await this.#way.close();
  }

  /** True for a tool that is not known to read only. */
  isWrite(tool: string): boolean {
    return !this.#reading.has(tool);
  }

  async #take(message: JSONRPCMessage): Promise<void> {
    if (!("method" in message)) return await this.#pass(message);
    if ("id" in message) return await this.#ask(message);
    if (message.method !== "notifications/cancelled") return await this.#pass(message);
    const { requestId } = message.params ?? {};
    if (typeof requestId === "string" || typeof requestId === "number") this.#open.get(requestId)?.abort();
  }

  async #ask(request: JSONRPCRequest): Promise<void> {
    const { id, method, params } = request;
    const client = method === "initialize" ? params?.clientInfo : metaOf(params)[metaKeys.client];
    if (client !== undefined) this.#server.speakFor(client);
    const controller = new AbortController();
    this.#open.set(id, controller);
    try {
      await this.#exchange(request, controller.signal, (message) => this.#host?.send(message));
    } catch (error) {
      if (controller.signal.aborted) return;
      const message = whatIsWrong(error, method === "tools/call");
      await this.#host?.send({ jsonrpc: "2.0", id, error: { code: protocol.errors.internal, message } });
    } finally {
      if (this.#open.get(id) === controller) this.#open.delete(id);
    }
  }

  /** Sends a request. @throws ServerFault where its answer does not come; the reason of `signal`. */
  async #exchange(
    request: JSONRPCRequest,
    signal: AbortSignal,
    give: (message: JSONRPCMessage) => Promise<void> | undefined,
  ): Promise<void> {
    let answered = false;
    try {
      for await (const message of this.#server.exchange(request, signal)) {
        if (!("method" in message)) {
          if (message.id !== request.id && message.id !== null)
            throw new ServerFault(misled, { mayHaveHappened: true });
          answered = true;
          this.#learn(request, message);
          this.#tell("");
        }
        await give("method" in message ? message : { ...message, id: request.id });
      }
      if (!answered) throw new ServerFault(cutOff, { mayHaveHappened: true });
    } catch (error) {
      // What comes after the answer is nobody's.
      if (answered) return;
      if (!signal.aborted) this.#tell(whatIsWrong(error));
      throw error;
    }
  }

  /** Sends what has no answer. */
  async #pass(message: JSONRPCMessage): Promise<void> {
    try {
      for await (const _ of this.#server.exchange(message, this.#over.signal));
    } catch (error) {
      if (!this.#over.signal.aborted) this.#tell(whatIsWrong(error));
    }
  }

  async #greet(): Promise<void> {
    await this.#exchange({ jsonrpc: "2.0", id: "nomad-mcp", method: "ping" }, this.#over.signal, () => undefined).catch(
      () => {},
    );
  }

  /** What later messages depend on. */
  #learn({ method }: JSONRPCRequest, answer: object): void {
    const result = "result" in answer && isObject(answer.result) ? answer.result : {};
    if (method === "initialize") this.#server.agreeOn(result.protocolVersion);
    if (method !== "tools/list" || !Array.isArray(result.tools)) return;
    for (const tool of result.tools) {
      const reads = isObject(tool) && isObject(tool.annotations) && tool.annotations.readOnlyHint === true;
      if (reads) this.#reading.add(String(tool.name));
    }
  }

  #tell(words: string): void {
    if (words === this.#told) return;
    const ready = () => [`ready: ${this.#way.address.url}`, ...this.#way.means].join(", ");
    this.#log(words === "" ? (this.#told === undefined ? ready() : `${this.#way.address.url} answers again`) : words);
    this.#told = words;
  }
}

const cutOff = "The server ended the connection before the answer was there.";
const misled = "What came was the answer to another request: something between here and the server mixes them up.";

/** What is said of a request that failed; `acts`: whether it may have changed something. */
function whatIsWrong(error: unknown, acts = false): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!acts) return message;
  const mayHaveHappened = !(error instanceof ServerFault) || error.mayHaveHappened;
  return mayHaveHappened
    ? `${message} The call may have been carried out and was not sent again: look before you repeat it.`
    : `${message} The call was not carried out.`;
}
