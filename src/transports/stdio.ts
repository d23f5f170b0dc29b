import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { LineTransport } from "./line-transport.ts";

/** How long calls in flight may take once the host has closed our stdin, or a write once a signal has come; in ms. */
const drainTime = 2_000;

/** What ends the process: whether calls in flight still get {@link drainTime}. */
type Ending = "drain" | "at once";

/** What speaks MCP over a transport. */
export interface Speaker {
  /** Begins to answer what comes. */
  open(transport: Transport): Promise<void>;
  /** Ends all that is under way. */
  close(): Promise<void>;
}

/** What the life of the transport needs to know of the program. */
export interface StdioOptions {
  /** True for a call that changes something, which a signal does not cut off at once. */
  isWrite(tool: string): boolean;
  log(line: string): void;
  /** Released last, before the process ends. */
  release?(): Promise<void>;
}

/**
 * Speaks MCP on stdin and stdout, and ends the process when the host leaves: at the end of stdin (calls in flight get
 * two seconds, so that `printf ... | nomad-mcp` has its answers), when stdout breaks, and on SIGTERM, SIGINT and SIGHUP
 * (reads end at once, a write gets two seconds).
 */
export async function serveStdio(speaker: Speaker, options: StdioOptions): Promise<void> {
  const transport = new LineTransport(process.stdin, process.stdout);
  await speaker.open(transport);

  /** What waits for its answer, and the tool of a call. */
  const open = new Map<string | number, string | undefined>();
  const deliver = transport.onmessage;
  transport.onmessage = (message) => {
    if ("method" in message && "id" in message) {
      open.set(message.id, message.method === "tools/call" ? String(message.params?.name) : undefined);
    }
    if ("method" in message && message.method === "notifications/cancelled") {
      open.delete(message.params?.requestId as string | number);
    }
    deliver?.call(transport, message);
  };
  let drained = () => {};
  const send = transport.send.bind(transport);
  transport.send = async (message: JSONRPCMessage) => {
    await send(message);
    if ("id" in message && !("method" in message)) open.delete(message.id as string | number);
    drained();
  };
  transport.onerror = (error) => options.log(`on stdin: ${error.message.split("\n", 1)[0]}`);

  let ending: Ending | undefined;
  const end = async (how: Ending, awaited: (tool: string | undefined) => boolean) => {
    if (ending === "at once" || (ending === "drain" && how === "drain")) return;
    ending = how;
    const pending = () => [...open.values()].some(awaited);
    // The timer is what ends a process whose calls never answer, so it must keep the loop alive.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, drainTime);
      drained = () => {
        if (pending()) return;
        clearTimeout(timer);
        resolve();
      };
      drained();
    });
    await speaker.close().catch(() => {});
    await options.release?.();
    process.stdout.write("", () => process.exit(0));
  };

  process.stdin.on("end", () => void end("drain", () => true));
  process.stdin.on("close", () => void end("drain", () => true));
  // Nobody reads any more: there is nothing left to finish.
  process.stdout.on("error", () => process.exit(0));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => void end("at once", (tool) => tool !== undefined && options.isWrite(tool)));
  }
}

/** What goes wrong outside of every call is told, and the other calls go on. */
export function survive(log: (line: string) => void): void {
  process.on("unhandledRejection", (reason) => log(`unhandled rejection: ${String(reason)}`));
  process.on("uncaughtException", (error) => log(`uncaught exception: ${error.stack ?? error.message}`));
}
