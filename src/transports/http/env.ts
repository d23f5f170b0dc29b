import type { HttpBindings } from "@hono/node-server";
import type { Principal } from "../../access/principal.ts";
import type { Toolbox } from "../../mcp/toolbox.ts";
import type { CallerEnv } from "./caller.ts";
import type { McpSession } from "./mcp-route.ts";

/** What is offered to one caller. */
export interface CallerSession extends McpSession {
  readonly toolbox: Toolbox;
}

/** What the checks of a request find in its context, and leave there. */
export interface Env {
  Bindings: HttpBindings;
  Variables: CallerEnv["Variables"] & {
    requestId: string;
    /** Nothing of it is left to be logged. */
    isLogged?: boolean;
    principal: Principal;
    session: CallerSession;
  };
}
