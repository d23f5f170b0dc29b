import { ElicitResultSchema, type JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { form, type Rounds, saidBy } from "../elicit.ts";
import { type Fault, isObject, wrong } from "../fault.ts";

/** The name of the question of a call: there is never more than one. */
const key = "consent";

/** The rounds of a call, and the result with which it ends where it has a question. */
export interface CallRounds extends Rounds {
  question(): Readonly<Record<string, unknown>> | undefined;
}

/** How the person of the host is asked that makes this call: see docs/facts/mcp.md §1.6. */
export function roundsOf({ params }: Pick<JSONRPCRequest, "params">): CallRounds {
  let result: Readonly<Record<string, unknown>> | undefined;
  return {
    answer: answerIn(params),
    ask(message, requestState) {
      const request = { method: "elicitation/create", params: { mode: "form", message, requestedSchema: form } };
      result = { resultType: "input_required", inputRequests: { [key]: request }, requestState };
    },
    question: () => result,
  };
}

/** What is wrong with what a request brings from an earlier round; undefined where nothing is, or it brings nothing. */
export function roundFault({ id, method, params = {} }: JSONRPCRequest): Fault | undefined {
  const { inputResponses, requestState } = params;
  if (inputResponses !== undefined && !isObject(inputResponses)) {
    return wrong(id, method, "params.inputResponses must be an object");
  }
  const isText = requestState === undefined || typeof requestState === "string";
  return isText ? undefined : wrong(id, method, "params.requestState must be a text");
}

/** What the person said; undefined where the call brings nothing that could be an answer, so that they are asked. */
function answerIn(params: unknown): Rounds["answer"] {
  const { inputResponses, requestState } = isObject(params) ? params : {};
  const parsed = ElicitResultSchema.safeParse(isObject(inputResponses) ? inputResponses[key] : undefined);
  if (!parsed.success) return undefined;
  const { action, content } = parsed.data;
  const state = typeof requestState === "string" ? requestState : "";
  return { said: saidBy(action, content?.confirm), state };
}
