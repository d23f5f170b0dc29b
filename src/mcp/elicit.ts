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

/** So long a person has for an answer, ms. */
const patience = 5 * 60_000;

const form = {
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
      if (action === "accept") return content?.confirm === true ? "yes" : "no";
      return action === "decline" ? "no" : "dismissed";
    } catch (error) {
      signal.throwIfAborted();
      return error instanceof McpError && error.code === ErrorCode.RequestTimeout ? "nobody" : "unable";
    }
  };
}
