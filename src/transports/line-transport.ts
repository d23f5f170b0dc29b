import type { Readable, Writable } from "node:stream";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Fault } from "../mcp/fault.ts";
import { badBatch, judge, notJson, tooLong } from "../mcp/message.ts";
import { bytes } from "../text/words.ts";
import { Outline } from "./outline.ts";

/** The longest line that is read, in bytes. */
const longestLine = 10 * 1024 * 1024;
/** Hosts of protocol revision 2025-03-26 may send so many messages in one line. */
const largestBatch = 100;

/**
 * MCP over a pair of streams, a message a line. What is none is answered here, in one sentence, and so is a line that is
 * too long: the session goes on with the next one. The SDK's own transport leaves the first without an answer, and is deaf
 * after the second.
 */
export class LineTransport implements Transport {
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #input: Readable;
  readonly #output: Writable;
  /** The line that is being read; an outline of it where it is too long. */
  #line: { readonly parts: Buffer[]; length: number; outline?: Outline } = { parts: [], length: 0 };

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  async start(): Promise<void> {
    this.#input.on("data", this.#read);
    this.#input.on("end", this.#endLine);
    this.#input.on("error", this.#fail);
  }

  async close(): Promise<void> {
    this.#input.off("data", this.#read);
    this.#input.off("end", this.#endLine);
    this.#input.off("error", this.#fail);
    this.#input.pause();
    this.onclose?.();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    await this.#write(message);
  }

  #write(message: object): Promise<void> {
    return new Promise((resolve) => {
      if (this.#output.write(`${JSON.stringify(message)}\n`)) resolve();
      else this.#output.once("drain", resolve);
    });
  }

  readonly #fail = (error: Error) => this.onerror?.(error);

  readonly #read = (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      this.#add(chunk.subarray(from, end));
      this.#endLine();
      from = end + 1;
    }
    this.#add(chunk.subarray(from));
  };

  #add(part: Buffer): void {
    const line = this.#line;
    line.length += part.length;
    if (line.outline === undefined) line.parts.push(part);
    else line.outline.add(part);
    if (line.outline !== undefined || line.length <= longestLine) return;
    line.outline = new Outline();
    for (const held of line.parts.splice(0)) line.outline.add(held);
  }

  readonly #endLine = () => {
    const { parts, outline } = this.#line;
    this.#line = { parts: [], length: 0 };
    if (outline !== undefined) return this.#answerOutline(outline, (id) => tooLong(id, bytes(longestLine)));
    const text = Buffer.concat(parts);
    const line = text.toString("utf8").replace(/^\ufeff/, "");
    if (line.trim() === "") return;
    let read: unknown;
    try {
      read = JSON.parse(line);
    } catch (error) {
      const rest = new Outline();
      rest.add(text);
      return this.#answerOutline(rest, (id) => notJson(id, line, error));
    }
    if (!Array.isArray(read)) return this.#take(read);
    if (read.length === 0 || read.length > largestBatch) return this.#answer(badBatch(largestBatch));
    for (const each of read) this.#take(each);
  };

  #take(read: unknown): void {
    const judged = judge(read);
    if ("fault" in judged) this.#answer(judged.fault);
    else if ("unanswered" in judged) this.#fail(new Error(judged.unanswered));
    else this.onmessage?.(judged.message);
  }

  /** Answers a line of which only an outline is known; a response is none that can be answered. */
  #answerOutline(outline: Outline, make: (id: Fault["id"]) => Fault): void {
    const { id, method, ...others } = outline.entries();
    const fault = make(typeof id === "string" || typeof id === "number" ? id : null);
    const response = method === undefined && ("result" in others || "error" in others);
    const notification = id === undefined && /^notifications\//.test(String(method));
    if (response || notification) this.#fail(new Error(fault.message));
    else this.#answer(fault);
  }

  #answer({ id, ...error }: Fault): void {
    this.#fail(new Error(error.message));
    void this.#write({ jsonrpc: "2.0", id, error });
  }
}

const newline = 0x0a;
