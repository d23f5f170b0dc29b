import { type Context, Hono } from "hono";
import { isObject } from "../../mcp/fault.ts";
import { readBody } from "./body.ts";
import type { CallerEnv } from "./caller.ts";
import { type ClaudeCall, claudeCalls, type ToolCall } from "./claude-calls.ts";
import { openApi } from "./openapi.ts";
import { type ProblemKind, problem } from "./problem.ts";

type Requested = Context<CallerEnv>;

/**
 * The routes for programs: each tool, the calls under /api/claude, and the document that tells of both. They expect `caller`
 * to be set: nobody is checked here.
 */
export function restRoutes(): Hono<CallerEnv> {
  const routes = new Hono<CallerEnv>();
  /** A path with one method; every other is answered with its name. */
  const only = (method: "GET" | "POST", path: string, handle: (context: Requested) => Response | Promise<Response>) => {
    routes.on(method, path, handle);
    routes.all(path, (context) => fault(context, "method", `This path takes ${method}.`, { Allow: method }));
  };
  only("POST", "/api/v1/tools/:name", async (context) => {
    const tool = context.req.param("name") ?? "";
    const args = await bodyOf(context);
    return args instanceof Response ? args : await answer(context, { tool, args });
  });
  for (const call of claudeCalls) {
    // The last part of a path may hold a "/", encoded or not.
    only(call.method, call.path.replace(/\{(\w+)\}$/, ":$1{.+}"), async (context) => {
      const args = call.method === "GET" ? askedFor(context) : await bodyOf(context);
      return args instanceof Response ? args : await answerCall(context, call, args);
    });
  }
  only("GET", "/openapi.json", (context) => json(openApi(context.get("caller").toolbox.definitions)));
  routes.all("/api/*", (context) =>
    fault(context, "unknown", "There is no such path: GET /openapi.json names them all."),
  );
  return routes;
}

async function answerCall(context: Requested, call: ClaudeCall, given: Record<string, unknown>): Promise<Response> {
  const meant = call.toTool(given);
  return typeof meant === "string" ? fault(context, "arguments", meant) : await answer(context, meant);
}

async function answer(context: Requested, { tool, args }: ToolCall): Promise<Response> {
  const { toolbox, host, requestId, role } = context.get("caller");
  const { text, ended, data, needed } = await toolbox.tell(tool, args, host);
  if (ended === "ok") return json({ text, data: data?.(), is_error: false });
  return problem({
    ...{ kind: ended, detail: text, requestId, needed },
    // What is no tool may be anything.
    tool: ended === "unknown" ? undefined : tool,
    role: ended === "hidden" ? role : undefined,
  });
}

/** The arguments in the body; the answer to give instead where there are none. */
async function bodyOf(context: Requested): Promise<Record<string, unknown> | Response> {
  if (!/^application\/json\s*(;|$)/i.test(context.req.header("Content-Type") ?? "")) {
    return fault(
      context,
      "media-type",
      "The body is the arguments as JSON: send it as Content-Type: application/json.",
    );
  }
  const text = await readBody(context.req.raw);
  if (typeof text !== "string") return fault(context, text.kind, text.detail, text.headers);
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    // Said below, in the same words.
  }
  return fault(context, "arguments", "The body has to be a JSON object with the arguments, {} where there are none.");
}

/** The arguments in the path and the query. */
function askedFor(context: Requested): Record<string, unknown> {
  return { ...context.req.query(), ...context.req.param() };
}

function fault(context: Context, kind: ProblemKind, detail: string, headers?: Record<string, string>): Response {
  const { requestId } = context.get("caller");
  return problem({ kind, detail, requestId, ...(headers && { headers }) });
}

function json(value: unknown): Response {
  return Response.json(value, { headers: { "Cache-Control": "no-store" } });
}
