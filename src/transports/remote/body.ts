import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { createParser } from "eventsource-parser";
import { isObject } from "../../mcp/fault.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { bytes } from "../../text/words.ts";
import { ServerFault } from "./fault.ts";

/** The longest message that is read, in bytes of JSON or characters of an event. */
const longestMessage = 10 * 1024 * 1024;
/** So much of a refusal is read for its words, in bytes. */
const longestRefusal = 16 * 1024;

/**
 * The messages in a reply, as they come: one of JSON, or a stream of events. `heard` is told of each chunk.
 *
 * @throws ServerFault for a message that is too long or is none.
 */
export async function* messagesIn(response: Response, heard: () => void): AsyncGenerator<JSONRPCMessage> {
  const texts = isEventStream(response) ? eventsIn(response, heard) : [await textOf(response, longestMessage, heard)];
  for await (const text of texts) yield toMessage(text);
}

/** What a reply says. */
interface Said {
  /** Its text as JSON, where it is that. */
  readonly data: unknown;
  /** Its words in one line. */
  readonly said: string;
  /** They are for people, and tell what to do: problem details. */
  readonly advises: boolean;
}

/** What a reply says that is no success. */
export async function refusalIn(response: Response): Promise<Said> {
  const text = await textOf(response, longestRefusal, () => {}).catch(() => "");
  const data = fromJson(text);
  const [, title = text] = /<title>([^<]{1,200})/i.exec(text) ?? [];
  const words = data === undefined ? title.replaceAll(/<[^<>]{0,200}>/g, " ") : wordsOf(data);
  return {
    data,
    said: quotedLine(words, 300).replace(/[.:]$/, ""),
    advises: mediaType(response) === "application/problem+json" || (isObject(data) && isProblem(data.type)),
  };
}

/** Where MCP is spoken, a server's problem document is an error of JSON-RPC at once, and of its media type. */
function isProblem(type: unknown): boolean {
  return typeof type === "string" && type.startsWith("urn:problem-type:");
}

/** The media type of a reply, without its parameters. */
export function mediaType({ headers }: Response): string {
  return (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

export function isEventStream(response: Response): boolean {
  return mediaType(response) === "text/event-stream";
}

/** What is wrong, of the forms in which servers say it: JSON-RPC, problem details (RFC 9457), OAuth. */
function wordsOf(data: unknown): string {
  if (!isObject(data)) return "";
  const { error, detail, title, message, error_description: description } = data;
  const found = [isObject(error) ? error.message : description, detail, title, message, error];
  return String(found.find((each) => typeof each === "string") ?? "");
}

async function* eventsIn(response: Response, heard: () => void): AsyncGenerator<string> {
  const ready: string[] = [];
  const parser = createParser({
    maxBufferSize: longestMessage,
    onEvent: ({ event = "message", data }) => {
      if (event === "message" && data !== "") ready.push(data);
    },
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") throw tooLong();
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    heard();
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
  }
}

async function textOf({ body }: Response, longest: number, heard: () => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    heard();
    size += chunk.byteLength;
    if (size > longest) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLong(): ServerFault {
  const message = `The answer is longer than ${bytes(longestMessage)}, the most that is read: ask for less.`;
  return new ServerFault(message, { mayHaveHappened: true });
}

function toMessage(text: string): JSONRPCMessage {
  const read = fromJson(text);
  if (isMessage(read)) return read;
  throw new ServerFault("What the server answered is no message of MCP.", { mayHaveHappened: true });
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True for what JSON-RPC calls a message; whether it is one of MCP is for the host to say. */
export function isMessage(read: unknown): read is JSONRPCMessage {
  if (!isObject(read) || read.jsonrpc !== "2.0") return false;
  return typeof read.method === "string" || ("id" in read && ("result" in read || "error" in read));
}
