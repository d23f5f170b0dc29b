import { randomUUID } from "node:crypto";
import { type Context, Hono, type Next } from "hono";
import { cors } from "hono/cors";
import type { Authenticator } from "../../access/authenticator.ts";
import type { ResourceMetadata } from "../../access/oidc/metadata.ts";
import type { Principal } from "../../access/principal.ts";
import type { Rate } from "../../access/rate.ts";
import { readBody } from "./body.ts";
import { agentOf } from "./caller.ts";
import { type Door, turnedAway } from "./door.ts";
import type { CallerSession, Env } from "./env.ts";
import type { Limits } from "./limits.ts";
import { callOverMcp } from "./mcp-route.ts";
import { clientCertificate } from "./peer-certificate.ts";
import { type ProblemDetails, problem } from "./problem.ts";
import { createRefusals, type RefusalsOptions } from "./refusals.ts";
import { restRoutes } from "./rest.ts";
import { wellKnown, wellKnownPaths } from "./well-known.ts";

/** What the server is made of. */
export interface AppOptions extends RefusalsOptions {
  readonly door: Door;
  readonly limits: Limits;
  /** How it is known who calls. */
  readonly authenticator: Authenticator;
  /** What clients are told of where to sign in; undefined where that is nowhere. */
  readonly metadata: ResourceMetadata | undefined;
  sessionOf(principal: Principal): CallerSession;
  /** What a caller may use the server for. */
  allowance(principal: Principal): { readonly rate: Rate; readonly maxCalls: number };
  /** Answers REST calls beside MCP. */
  readonly rest: boolean;
  /** True once the server is told to end. */
  isEnding(): boolean;
}

/**
 * The routes of the server. Every request passes the same checks in the same order, each refusal with its reason, in the log as
 * well: the door, who calls, how often, and only then its body.
 */
export function createApp(options: AppOptions): Hono<Env> {
  const { door, limits, log } = options;
  const { refuse, logRefusal } = createRefusals(options);
  const app = new Hono<Env>();

  app.use(async (context, next) => {
    context.set("requestId", randomUUID());
    await next();
    context.header("X-Request-Id", context.get("requestId"));
    context.header("Cache-Control", context.res.headers.get("Cache-Control") ?? "no-store");
    context.header("X-Content-Type-Options", "nosniff");
  });
  app.onError((error, context) => {
    log(`${context.get("requestId")}: ${error.stack ?? error.message}`);
    return problem({
      kind: "mistake",
      detail: "This is a mistake in nomad-mcp itself; its log has more.",
      requestId: context.get("requestId"),
    });
  });

  // What a balancer and Nomad ask: it says nothing of anybody, and comes by address.
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", (context) => {
    if (options.isEnding()) return context.text("ending\n", 503);
    // Why not stands in the log: here anybody would read it.
    return options.authenticator.notReady?.() === undefined
      ? context.text("ready\n")
      : context.text("the keys by which callers are known are not there yet\n", 503);
  });

  app.use(async (context, next) => {
    const { rawHeaders, url = "", socket } = context.env.incoming;
    const turned = turnedAway({ rawHeaders, url, peer: socket.remoteAddress }, door);
    if (turned !== undefined) return refuse(context, turned, turned.hint);
    if (options.isEnding()) {
      return refuse(context, {
        kind: "unavailable",
        detail: "This server is about to end: call again, and another one answers.",
        headers: { Connection: "close", "Retry-After": "1" },
      });
    }
    return await next();
  });
  if (door.origins.size > 0) {
    app.use(
      cors({
        origin: [...door.origins],
        allowMethods: ["GET", "POST"],
        allowHeaders: [
          "authorization",
          "x-nomad-token",
          "content-type",
          "accept",
          "mcp-protocol-version",
          "mcp-session-id",
          "mcp-method",
          "mcp-name",
        ],
        exposeHeaders: ["www-authenticate", "x-request-id"],
      }),
    );
  }
  app.on("GET", wellKnownPaths, (context) => wellKnown(context.req.path, options.metadata, context.get("requestId")));
  app.use(async (context, next) => {
    if (context.req.method !== "POST" || /^application\/json\b/i.test(context.req.header("content-type") ?? "")) {
      return await next();
    }
    return refuse(context, { kind: "media-type", detail: "The body has to be JSON (Content-Type: application/json)." });
  });

  app.use(async (context, next) => await authenticate(context, next));

  /** Finds out who calls, and whether they may do so now. */
  async function authenticate(context: Context<Env>, next: Next): Promise<Response | undefined> {
    const { incoming } = context.env;
    const peer = options.peerOf(incoming);
    const known = await options.authenticator.identify({
      authorization: context.req.header("authorization"),
      certificate: () => clientCertificate(incoming.socket),
      nomadToken: context.req.header("x-nomad-token"),
      guesses: limits.guesses(peer ?? ""),
    });
    if ("refused" in known) {
      // That nobody can be known now is not the caller's doing, and too many guesses are counted already.
      const { kind } = known.refused;
      const wait = kind === "unavailable" || kind === "too-many" ? undefined : await limits.stranger(peer ?? "");
      return wait === undefined ? refuse(context, known.refused, known.refused.hint) : refuse(context, tooOften(wait));
    }
    const { principal } = known;
    context.set("principal", principal);
    const { rate, maxCalls } = options.allowance(principal);
    const wait = await limits.request(principal.id, rate);
    if (wait !== undefined) return refuse(context, tooOften(wait));
    // What may fail comes before a place is taken, which only the end of the call gives back.
    const session = options.sessionOf(principal);
    const end = limits.begin(principal.id, maxCalls);
    if (end === undefined) {
      return refuse(context, {
        kind: "too-many",
        detail: "Too many calls are under way: wait until one of them has ended.",
        headers: { "Retry-After": "1" },
      });
    }
    const { signal } = context.req.raw;
    signal.addEventListener("abort", end, { once: true });
    const { name, auth, subject, role } = principal;
    const requestId = context.get("requestId");
    context.set("session", session);
    context.set("caller", {
      ...{ toolbox: session.toolbox, role: role?.name, requestId },
      host: {
        signal,
        name: agentOf(context.req.header("user-agent")),
        caller: {
          ...{ principal: name, ...(subject !== undefined && { subject }), auth, request_id: requestId },
          ...(peer !== undefined && { peer }),
        },
      },
    });
    await next();
    await logRefusal(context);
    context.res = whenSent(context.res, end);
    return undefined;
  }

  app.post("/mcp", (context) => mcp(context));
  // The address of the Python server: clients that try Streamable HTTP first find it there.
  app.post("/mcp/sse", (context) => mcp(context));
  app.get("/mcp/sse", (context) => {
    const detail = "HTTP+SSE is no longer spoken: point the client at /mcp (Streamable HTTP) of this server.";
    return refuse(context, { kind: "gone", detail });
  });
  app.on(["GET", "DELETE", "PUT", "PATCH"], ["/mcp", "/mcp/sse"], (context) => {
    // By this clients ask whether there is such a stream, each of them once.
    if (context.req.method === "GET") context.set("isLogged", true);
    const detail = "MCP is spoken by POST alone here: there are no sessions, and no stream beside the answers.";
    return refuse(context, { kind: "method", detail, headers: { Allow: "POST" } });
  });

  async function mcp(context: Context<Env>): Promise<Response> {
    const { host } = context.get("caller");
    const body = await readBody(context.req.raw);
    return typeof body === "string"
      ? await callOverMcp(context.req.raw, body, context.get("session"), host)
      : refuse(context, body);
  }

  app.get("/api/v1/whoami", (context) => {
    const { name, auth, role, expires } = context.get("principal");
    const { definitions } = context.get("caller").toolbox;
    return context.json({
      ...{ principal: name, auth, role: role?.name, tools: definitions.length },
      read_only: definitions.every(({ annotations }) => annotations?.readOnlyHint === true),
      ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
    });
  });
  if (options.rest) app.route("/", restRoutes());
  app.notFound((context) =>
    refuse(context, { kind: "unknown", detail: "There is nothing at this address: MCP is at /mcp." }),
  );
  return app;
}

function tooOften(seconds: number): Omit<ProblemDetails, "requestId"> {
  return {
    kind: "too-many",
    detail: `Too many requests: call again in ${seconds}s.`,
    headers: { "Retry-After": String(seconds) },
  };
}

/** A response whose last byte tells `end`. */
function whenSent(response: Response, end: () => void): Response {
  if (response.body === null) {
    end();
    return response;
  }
  const told = new TransformStream<Uint8Array, Uint8Array>({ flush: end });
  return new Response(response.body.pipeThrough(told), response);
}
