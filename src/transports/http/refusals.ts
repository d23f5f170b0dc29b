import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Env } from "./env.ts";
import { type ProblemDetails, type ProblemKind, problem } from "./problem.ts";

/** What refusals are told with. */
export interface RefusalsOptions {
  /** Where a request came from, through the proxies that are known. */
  peerOf(incoming: HttpBindings["incoming"]): string | undefined;
  /** Told why each request was refused that is. */
  counted?: ((reason: ProblemKind) => void) | undefined;
  /** One line for the log, without anything secret. */
  log(line: string): void;
}

/** What is said of requests that are refused: to who made them, and in the log, each once. */
export interface Refusals {
  /** The answer to a request that is refused. `hint`: what the operator can do about it, for the log alone. */
  refuse(context: Context<Env>, details: Omit<ProblemDetails, "requestId">, hint?: string): Response;
  /** A line for a refusal of one of the routes, which say it to the caller alone. */
  logRefusal(context: Context<Env>): Promise<void>;
}

export function createRefusals({ counted, peerOf, log }: RefusalsOptions): Refusals {
  return {
    refuse(context, details, hint) {
      const { method, path } = context.req;
      const peer = peerOf(context.env.incoming) ?? "the socket";
      const requestId = context.get("requestId");
      const who = context.get("principal")?.name;
      const from = who === undefined ? peer : `${who} at ${peer}`;
      const why = hint === undefined ? details.detail : `${details.detail} (${hint})`;
      const line = `${requestId}: refused ${method} ${path.slice(0, 100)} of ${from}: ${why}`;
      if (!context.get("isLogged")) log(withoutToken(context, line));
      context.set("isLogged", true);
      counted?.(details.kind);
      return problem({ ...details, requestId, isMcp: method === "POST" && /^\/mcp(\/sse)?$/.test(path) });
    },
    async logRefusal(context) {
      const { res, req } = context;
      if (context.get("isLogged") || res.headers.get("Content-Type") !== "application/problem+json") return;
      const { detail } = (await res.clone().json()) as { readonly detail: string };
      const who = context.get("principal").name;
      const [first] = detail.split("\n", 1);
      const line = `${context.get("requestId")}: ${res.status} for ${req.method} ${req.path.slice(0, 100)} of ${who}: ${first}`;
      log(withoutToken(context, line));
    },
  };
}

/** A line without the Nomad token that its request has shown, which may be good also where it opens nothing. */
function withoutToken(context: Context<Env>, line: string): string {
  const token = context.req.header("x-nomad-token");
  return token ? line.replaceAll(token, "[masked]") : line;
}
