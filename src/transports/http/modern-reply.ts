import type { JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import type { Notify, Reply } from "../../mcp/modern/known.ts";
import { protocol } from "../../mcp/protocol.data.ts";

/** A request of which nothing was said for so long gets a sign of life, ms: proxies end what is silent. */
const quiet = 10_000;

const streaming = { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" };

/**
 * Answers a request with what `work` comes to: as JSON, or as a stream once there is something to say before it. The status of
 * a stream is 200, since it is sent before it is known how the work ends.
 */
export function replyTo(id: JSONRPCRequest["id"], work: (notify: Notify) => Promise<Reply>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const encoder = new TextEncoder();
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isGone = false;
    const write = (text: string) => {
      if (stream === undefined) {
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            stream = controller;
          },
          cancel: () => {
            isGone = true;
          },
        });
        resolve(new Response(body, { headers: streaming }));
      }
      if (!isGone) stream?.enqueue(encoder.encode(text));
    };
    const tell = (message: object) =>
      write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`);
    const timer = setInterval(() => write(":\n\n"), quiet);
    const end = (reply: Reply) => {
      if (stream === undefined) {
        resolve(Response.json({ jsonrpc: "2.0", id, ...reply }, { status: statusOf(reply) }));
        return;
      }
      tell({ id, ...reply });
      if (!isGone) stream.close();
    };
    work(tell)
      .then(end)
      .catch((error: unknown) => {
        reject(error);
        if (!isGone) stream?.error(error);
      })
      .finally(() => clearInterval(timer));
  });
}

function statusOf(reply: Reply): number {
  return "error" in reply && reply.error.code === protocol.errors.methodNotFound ? 404 : 200;
}
