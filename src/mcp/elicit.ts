import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  ElicitResultSchema,
  ErrorCode,
  McpError,
  type ServerNotification,
  type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";

/** What a person said to a question; `nobody` where no answer came in time, `unable` where the host could not ask. */
export type Said = "yes" | "no" | "dismissed" | "nobody" | "unable";

/** Has the host put a question to its person. */
export type Elicit = (question: string, signal: AbortSignal) => Promise<Said>;

/** How a host asks its person that takes the question for the end of a call, and calls again with the answer. */
export interface Rounds {
  /** What came with this call: what the person said, and the state that went with the question. */
  readonly answer?: { readonly said: Exclude<Said, "unable">; readonly state: string } | undefined;
  /** Hands a question over, and the state that has to come back with the answer. */
  ask(question: string, state: string): void;
}

/** So long a person has for an answer, ms. */
const patience = 5 * 60_000;

/** What a person fills in. */
export const form = {
  type: "object" as const,
  properties: { confirm: { type: "boolean" as const, title: "Do this", default: false } },
  required: ["confirm"],
};

/** How this call can ask its person; undefined where the host has not declared that it can show a form. */
export function elicitation(
  server: Server,
  { sendRequest }: Pick<RequestHandlerExtra<ServerRequest, ServerNotification>, "sendRequest">,
): Elicit | undefined {
  if (server.getClientCapabilities()?.elicitation?.form === undefined) return undefined;
  return async (message, signal) => {
    try {
      const request = { method: "elicitation/create" as const, params: { message, requestedSchema: form } };
      const { action, content } = await sendRequest(request, ElicitResultSchema, { signal, timeout: patience });
      return saidBy(action, content?.confirm);
    } catch (error) {
      signal.throwIfAborted();
      return error instanceof McpError && error.code === ErrorCode.RequestTimeout ? "nobody" : "unable";
    }
  };
}

/** What a person said who did this with the form. `confirmed`: what they filled in. */
export function saidBy(action: "accept" | "decline" | "cancel", confirmed: unknown): "yes" | "no" | "dismissed" {
  if (action === "accept") return confirmed === true ? "yes" : "no";
  return action === "decline" ? "no" : "dismissed";
}
