import type { JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { complaint } from "../complaint.ts";
import type { Fault } from "../fault.ts";
import { InvalidRequest } from "../invalid-request.ts";
import type { Method } from "../methods.ts";
import { reporter } from "../progress.ts";
import { protocol } from "../protocol.data.ts";
import type { Host } from "../toolbox.ts";
import type { Welcome } from "../welcome.ts";
import { roundFault, roundsOf } from "./consent.ts";
import { complete, knownReply, type Notify, type Reply } from "./known.ts";
import { askerOf, metaOf } from "./request.ts";

/** Answers a request of the revision without sessions that says rightly of itself who asks (metaFault). `host`: what is known of who asks without their telling. */
export type Answerer = (request: JSONRPCRequest, host: Host, notify: Notify) => Promise<Reply>;

/** What answers requests by `methods`, the same ones as in every other revision. */
export function createAnswerer(welcome: Welcome, methods: readonly Method[]): Answerer {
  return async (request, known, notify) => {
    const { method: name } = request;
    const reply = knownReply(request, welcome, notify);
    if (reply !== undefined) return reply;
    const method = methods.find((each) => each.name === name);
    if (method === undefined) return { error: { code: protocol.errors.methodNotFound, message: "Method not found" } };
    const wrong = complaint(request) ?? roundFault(request);
    if (wrong !== undefined) return refusal(wrong);
    const asker = askerOf(request);
    const rounds = asker.asks && name === "tools/call" ? roundsOf(request) : undefined;
    const host: Host = {
      ...known,
      name: asker.name ?? known.name,
      rounds,
      report: reporter(progressToken(request), notify),
    };
    try {
      const result = await method.answer(request, host);
      return complete(name, welcome.initialize, rounds?.question() ?? result);
    } catch (error) {
      const code = error instanceof InvalidRequest ? error.code : protocol.errors.internal;
      return { error: { code, message: error instanceof Error ? error.message : String(error) } };
    }
  };
}

function refusal({ id: _, ...error }: Fault): Reply {
  return { error };
}

function progressToken({ params }: JSONRPCRequest): string | number | undefined {
  const { progressToken: token } = metaOf(params);
  return typeof token === "string" || typeof token === "number" ? token : undefined;
}
