import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { type Fault, isObject, notLoaded } from "./fault.ts";
import { tooEarly } from "./message.ts";
import type { Answerer } from "./modern/answer.ts";
import { ModernFront } from "./modern/front.ts";
import { protocol } from "./protocol.data.ts";
import type { Welcome } from "./welcome.ts";

/** The server behind the front, once it is loaded. */
export interface Behind {
  /** Connects the server to a transport, the front. */
  connect(transport: Transport): Promise<void>;
  /** What the protocol does not allow in a request; undefined where all is well. */
  complaint(message: JSONRPCRequest): Fault | undefined;
  /** Answers what comes without a session. */
  readonly answer: Answerer;
}

/**
 * Answers the first messages of a host with data, and loads the server when one needs code: right after tools/list, since a
 * call follows, or with the first message that it has no answer for. That one and all later ones are the server's, so that its
 * checks stay the only ones. It stands between a transport and the server, and is the server's transport.
 */
export class Front implements Transport {
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #welcome: Welcome;
  readonly #load: () => Promise<Behind>;
  /** Answers what is of the revision without sessions, at any time. */
  readonly #modern: ModernFront;
  #outer: Transport | undefined;
  /** What waits for the server. */
  #held: JSONRPCMessage[] = [];
  #loaded: Promise<Behind> | undefined;
  /** The server takes over. */
  #loading: Promise<void> | undefined;
  #behind: Behind | undefined;
  /** Why there is no server. */
  #failure: string | undefined;
  /** The initialize that was answered here: the server is told of it, and its answer is nobody's. */
  #initialize: JSONRPCRequest | undefined;
  #replayed: ((value: unknown) => void) | undefined;
  #begun = false;

  constructor(welcome: Welcome, load: () => Promise<Behind>) {
    this.#welcome = welcome;
    this.#load = () => {
      this.#loaded ??= load();
      return this.#loaded;
    };
    this.#modern = new ModernFront(welcome, this.#load, (message) => this.send(message));
  }

  /** Begins to answer what comes over a transport. */
  async open(outer: Transport): Promise<void> {
    this.#outer = outer;
    outer.onmessage = (message) => this.#take(message);
    outer.onclose = () => this.onclose?.();
    await outer.start();
  }

  /** The server's: what it is connected to is open already. */
  async start(): Promise<void> {}

  async send(message: JSONRPCMessage): Promise<void> {
    const replayed = this.#replayed;
    if (replayed !== undefined && "id" in message && message.id === this.#initialize?.id && !("method" in message)) {
      this.#replayed = undefined;
      return replayed(undefined);
    }
    await this.#outer?.send(message);
  }

  async close(): Promise<void> {
    this.#modern.close();
    await this.#outer?.close();
  }

  #take(message: JSONRPCMessage): void {
    if (this.#modern.takes(message)) return;
    if (this.#behind !== undefined) {
      this.#pass(message, this.#behind);
      return;
    }
    const request = "method" in message && "id" in message ? message : undefined;
    const result = request && this.#loading === undefined ? this.#answer(request) : undefined;
    if (request !== undefined && result !== undefined) {
      void this.send({ jsonrpc: "2.0", id: request.id, ...result });
      if (request.method === "tools/list") setImmediate(() => void this.#begin());
      return;
    }
    this.#held.push(message);
    if (request === undefined) return;
    if (this.#failure === undefined) void this.#begin();
    else this.#refuseHeld(this.#failure);
  }

  /** The answer to a request that needs no code; undefined where the server has to see it. */
  #answer(request: JSONRPCRequest): { result: Record<string, unknown> } | { error: Omit<Fault, "id"> } | undefined {
    const { initialize, tools, prompts, resourceTemplates } = this.#welcome;
    if (request.method === "initialize") {
      const wanted = revisionAsked(request.params);
      if (wanted === undefined || this.#initialize !== undefined) return undefined;
      this.#initialize = request;
      this.#begun = true;
      return {
        result: { protocolVersion: protocol.supported.includes(wanted) ? wanted : protocol.latest, ...initialize },
      };
    }
    // Asked without its own revision, which is how a server is known that does not speak it.
    if (request.method === "server/discover") {
      return { error: { code: protocol.errors.methodNotFound, message: "Method not found" } };
    }
    if (!isPlain(request.params)) return undefined;
    const results: Partial<Record<string, Record<string, unknown>>> = {
      ping: {},
      "tools/list": tools,
      "prompts/list": prompts,
      "resources/templates/list": resourceTemplates,
    };
    const result = Object.hasOwn(results, request.method) ? results[request.method] : undefined;
    return result && { result };
  }

  #begin(): Promise<void> {
    this.#loading ??= this.#load()
      .then((behind) => this.#hand(behind))
      .catch((error: unknown) => {
        this.#failure = notLoaded(error);
        this.onerror?.(new Error(this.#failure));
        this.#refuseHeld(this.#failure);
      });
    return this.#loading;
  }

  /** Hands the session over: what the server has to know of it first, then what waits, and everything from then on. */
  async #hand(behind: Behind): Promise<void> {
    await behind.connect(this);
    const { onmessage } = this;
    if (onmessage === undefined) throw new Error("the server does not listen");
    if (this.#initialize !== undefined) {
      const initialize = this.#initialize;
      await new Promise((resolve) => {
        this.#replayed = resolve;
        onmessage(initialize);
      });
    }
    this.#behind = behind;
    for (const message of this.#held.splice(0)) this.#pass(message, behind);
  }

  #pass(message: JSONRPCMessage, behind: Behind): void {
    if ("method" in message && "id" in message) {
      const fault = (this.#begun ? undefined : tooEarly(message)) ?? behind.complaint(message);
      if (fault !== undefined) {
        this.#refuse(fault);
        return;
      }
      if (message.method === "initialize") this.#begun = true;
    }
    this.onmessage?.(message);
  }

  #refuse({ id, ...error }: Fault): void {
    this.onerror?.(new Error(error.message));
    // The SDK's type has no null for an id, which JSON-RPC has for one that cannot be read; here it could.
    if (id !== null) void this.send({ jsonrpc: "2.0", id, error });
  }

  #refuseHeld(message: string): void {
    for (const held of this.#held.splice(0)) {
      if ("method" in held && "id" in held) this.#refuse({ id: held.id, code: protocol.errors.internal, message });
    }
  }
}

/** The revision that a well-formed initialize asks for; undefined for one that the server has to judge. */
function revisionAsked(params: unknown): string | undefined {
  if (!isObject(params)) return undefined;
  const { protocolVersion, capabilities, clientInfo, ...others } = params;
  if (typeof protocolVersion !== "string" || Object.keys(others).length > 0) return undefined;
  if (!isObject(clientInfo) || typeof clientInfo.name !== "string" || typeof clientInfo.version !== "string") {
    return undefined;
  }
  const { name: _, version: __, ...said } = clientInfo;
  const words = Object.entries(said).every(([key, value]) => known.includes(key) && typeof value === "string");
  const can = isObject(capabilities) && Object.entries(capabilities).every(([key, value]) => isCapability(key, value));
  return words && can ? protocolVersion : undefined;
}

/** What a host may say of itself in plain text, beside name and version. */
const known = ["title", "description"];

/** True for a capability as hosts declare them: what else there may be is for the server to judge. */
function isCapability(key: string, value: unknown): boolean {
  if (!isObject(value)) return false;
  const members = Object.entries(value);
  if (key === "roots") return members.every(([name, held]) => name === "listChanged" && typeof held === "boolean");
  if (key === "sampling") return members.length === 0;
  if (key === "elicitation") {
    return members.every(
      ([name, held]) => /^(form|url)$/.test(name) && isObject(held) && Object.keys(held).length === 0,
    );
  }
  return (key === "extensions" || key === "experimental") && members.every(([, held]) => isObject(held));
}

/** True for the parameters of a request that has none, but for what it may carry of how it is followed. */
function isPlain(params: unknown): boolean {
  if (params === undefined) return true;
  if (!isObject(params)) return false;
  const { _meta: meta, ...others } = params;
  if (Object.keys(others).length > 0) return false;
  if (meta === undefined) return true;
  if (!isObject(meta)) return false;
  const { progressToken, ...unknown } = meta;
  const follows =
    progressToken === undefined || typeof progressToken === "string" || Number.isSafeInteger(progressToken);
  return follows && Object.keys(unknown).length === 0;
}
