import { type Fault, isObject } from "../../mcp/fault.ts";
import { judgeShape } from "../../mcp/message.ts";
import type { Answerer } from "../../mcp/modern/answer.ts";
import { metaFault, metaOf, unsupported, wrongMeta } from "../../mcp/modern/request.ts";
import { metaKeys, modern } from "../../mcp/modern/revision.ts";
import { protocol } from "../../mcp/protocol.data.ts";
import type { Host } from "../../mcp/toolbox.ts";
import { headerFault, headerNames } from "../modern-headers.ts";
import { replyTo } from "./modern-reply.ts";
import { rpcError } from "./rpc-error.ts";

/** What answers requests of the revision without sessions. */
export interface ModernSession {
  readonly answer: Answerer;
}

/**
 * True for a message of the revision without sessions, or of one that is not spoken; false where it is for the SDK to answer. What
 * the body says counts: the header is held to it.
 */
export function isModernMessage(headers: Headers, message: unknown): boolean {
  if (!isObject(message)) return false;
  const named = metaOf(message.params)[metaKeys.revision];
  const header = headers.get(headerNames.revision);
  if (named !== undefined) return !protocol.supported.some((each) => each === named);
  if (header === null || protocol.supported.includes(header)) return false;
  // With the first message of a session nothing is agreed on yet.
  return header === modern || message.method !== "initialize";
}

/** Answers such a message. */
export async function answerModern(request: Request, read: unknown, session: ModernSession, host: Host) {
  const { headers } = request;
  const judged = judgeShape(read);
  if ("fault" in judged) return rpcError(400, judged.fault);
  if ("unanswered" in judged || !("method" in judged.message)) return rpcError(400, noRequest);
  const { message } = judged;
  // There is none to which something is to be done: a call ends with its stream.
  if (!("id" in message)) return new Response(null, { status: 202 });
  const { id, method, params } = message;
  const header = headers.get(headerNames.revision);
  if (metaOf(params)[metaKeys.revision] === undefined) {
    const isSaid = header === modern;
    return rpcError(400, isSaid ? wrongMeta(id, method, metaKeys.revision) : unsupported(id, header));
  }
  const fault = headerFault(headers, message) ?? metaFault(message);
  if (fault !== undefined) return rpcError(400, fault);
  return await replyTo(id, (notify) => session.answer(message, host, notify));
}

const noRequest: Fault = {
  id: null,
  code: protocol.errors.invalidRequest,
  message: "This is no request: in this revision a server asks for nothing to which it could be an answer.",
};
