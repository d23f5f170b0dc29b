import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { deeperThan } from "../text/nesting.ts";
import { all } from "../text/words.ts";
import { type Fault, isObject, wrong } from "./fault.ts";
import { metaFault } from "./modern/request.ts";
import { spoken } from "./modern/revision.ts";
import { protocol } from "./protocol.data.ts";

/** What a line's message is: one to work on, one to answer with an error, or one that only the log hears of. */
export type Judged = { readonly message: JSONRPCMessage } | { readonly fault: Fault } | { readonly unanswered: string };

/** So many levels of lists and objects are taken as a message: what walks one that is deeper would run out of stack. */
const deepest = 100;

/** Judges a message as it was read from JSON, and what a request says of itself. */
export function judge(read: unknown): Judged {
  const judged = judgeShape(read);
  if (!("message" in judged && "method" in judged.message && "id" in judged.message)) return judged;
  const fault = metaFault(judged.message);
  return fault === undefined ? judged : { fault };
}

/**
 * Judges whether something is a message. `null` is taken as left out, wherever the protocol has a value that may be
 * left out: what writes its objects out whole sends it. What the parameters of a method must be is for complaint.ts to say.
 */
export function judgeShape(read: unknown): Judged {
  if (!isObject(read)) return { fault: invalid(null, "A message must be a JSON object.") };
  const { jsonrpc, method } = read;
  const id = typeof read.id === "string" || typeof read.id === "number" ? read.id : null;
  if (!Object.hasOwn(read, "method") && (Object.hasOwn(read, "result") || Object.hasOwn(read, "error"))) {
    if (deeperThan(deepest, read)) return { unanswered: "a response that is nested too deep" };
    return { message: withoutNulls(read) as JSONRPCMessage };
  }
  // What has a null for an id and asks for nothing is a notification.
  const asks = Object.hasOwn(read, "id") && !(read.id === null && /^notifications\//.test(String(method)));
  const reject = (fault: Fault): Judged => (asks ? { fault } : { unanswered: fault.message });
  if (typeof method !== "string") return reject(invalid(id, "A request must have a method."));
  if (jsonrpc !== "2.0") return reject(invalid(id, 'A message must have "jsonrpc": "2.0".'));
  if (asks && (id === null || !(typeof id === "string" || Number.isSafeInteger(id)))) {
    return reject(invalid(id, "The id of a request must be a string or a whole number."));
  }
  if (deeperThan(deepest, read)) return reject(wrong(id, method, "the message is nested too deep"));
  const { id: _, params: given, ...rest } = read;
  const params = withoutNulls(given, method === "tools/call" ? "arguments" : undefined);
  if (params !== undefined && !isObject(params)) return reject(wrong(id, method, "params must be an object"));
  const message = { ...rest, ...(asks && { id }), ...(params !== undefined && { params }) } as JSONRPCMessage;
  return { message };
}

/** What is said of a line that is no JSON; `error`: what JSON.parse threw, which may quote the line. */
export function notJson(id: Fault["id"], line: string, error: unknown): Fault {
  const why = error instanceof Error ? error.message : "";
  const [, at] = /position (\d+)/.exec(why) ?? [];
  const cut = /end of JSON/.test(why) || Number(at) >= line.trimEnd().length;
  const where = cut ? " (it ends too early)" : at === undefined ? "" : ` (wrong at character ${Number(at) + 1})`;
  return { id, code: protocol.errors.parse, message: `This line is no JSON${where}, so nothing was done.` };
}

/** What is said of a message that was not read to its end. */
export function tooLong(id: Fault["id"], limit: string): Fault {
  return invalid(id, `The message is longer than ${limit}, the most that is read, so nothing was done.`);
}

/** What is said of several messages in one line that are too many, or none. */
export function badBatch(most: number): Fault {
  return invalid(null, `A batch must have 1 to ${most} messages.`);
}

/** The refusal of a call before there is a session; undefined for what needs none. */
export function tooEarly({ id, method }: JSONRPCRequest): Fault | undefined {
  if (method !== "tools/call") return undefined;
  const message = `tools/call came before initialize, so nothing was done: this server speaks ${all(spoken)}.`;
  return { id, code: protocol.errors.invalidRequest, message, data: { supported: spoken } };
}

const invalid = (id: Fault["id"], message: string): Fault => ({ id, code: protocol.errors.invalidRequest, message });

/** The same without members that are null; `except`: a member that is left as it is, but where it is null itself. */
function withoutNulls(value: unknown, except?: string): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map((each) => (each === null ? null : withoutNulls(each)));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, held]) => held !== null);
  return Object.fromEntries(kept.map(([key, held]) => [key, key === except ? held : withoutNulls(held)]));
}
