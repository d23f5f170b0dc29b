import type { Host, Toolbox } from "../../mcp/toolbox.ts";

/** Who makes a request, and what it may use: settled by the checks that every request passes before it reaches a route. */
export interface Caller {
  /** What this caller may call. */
  readonly toolbox: Toolbox;
  /** The role's name, for refusals; undefined where there are no roles. */
  readonly role: string | undefined;
  /** Names this request in answers, the log and the audit log. */
  readonly requestId: string;
  /** What a call is given of its host: the signal that ends it with the request, name and version of the client. */
  readonly host: Host;
}

/** What the routes find in the context of a request. */
export type CallerEnv = { Variables: { caller: Caller } };

/** The client as it names itself: "claude-code/2.1.329 (sdk-cli)". */
export function agentOf(header: string | undefined): { readonly name: string; readonly version: string } | undefined {
  const [, name, version = ""] = /^([^/\s]{1,64})(?:\/(\S{1,64}))?/.exec(header ?? "") ?? [];
  return name === undefined ? undefined : { name, version };
}
