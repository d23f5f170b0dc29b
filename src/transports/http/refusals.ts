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
      const masked = withoutToken(context);
      const why = masked(hint === undefined ? details.detail : `${details.detail} (${hint})`);
      if (!context.get("isLogged")) {
        log(`${requestId}: refused ${method} ${masked(path).slice(0, 100)} of ${from}: ${why}`);
      }
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
      const masked = withoutToken(context);
      const what = `${res.status} for ${req.method} ${masked(req.path).slice(0, 100)}`;
      log(`${context.get("requestId")}: ${what} of ${who}: ${masked(first ?? "")}`);
    },
  };
}

/**
 * Takes out of a text the Nomad token that its request has shown, which may be good also where it opens nothing. What has not the shape
 * of one is none: a stranger would choose by the header what the log says of them. So the rest of the line is not gone through at all.
 */
function withoutToken(context: Context<Env>): (text: string) => string {
  const token = context.req.header("x-nomad-token") ?? "";
  return (text) => (tokenShape.test(token) ? text.replaceAll(token, "[masked]") : text);
}

/** A UUID, or a JWT. */
const tokenShape = /^([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)$/i;
