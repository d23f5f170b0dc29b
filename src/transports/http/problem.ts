import type { Ended, Needed } from "../../mcp/ended.ts";

/** Why a call has no answer, by the last word of the problem's type. */
export const problems = {
  arguments: { status: 400, title: "The arguments do not fit" },
  unauthorized: { status: 401, title: "It is not known who calls" },
  hidden: { status: 403, title: "Not offered to this caller" },
  forbidden: { status: 403, title: "Not allowed" },
  unknown: { status: 404, title: "There is no such thing here" },
  method: { status: 405, title: "The method does not fit the path" },
  consent: { status: 409, title: "A person has to consent first" },
  gone: { status: 410, title: "No longer here" },
  "too-large": { status: 413, title: "The body is too large" },
  "media-type": { status: 415, title: "The body has to be JSON" },
  refused: { status: 422, title: "Not carried out" },
  rejected: { status: 422, title: "Nomad does not do this" },
  "too-many": { status: 429, title: "Too many calls" },
  mistake: { status: 500, title: "A mistake of this server" },
  failed: { status: 502, title: "Nomad failed, or the way to it" },
  unavailable: { status: 503, title: "This server takes no calls now" },
  timeout: { status: 504, title: "No answer in time" },
} as const satisfies Readonly<
  Record<Exclude<Ended, "ok"> | string, { readonly status: number; readonly title: string }>
>;

export type ProblemKind = keyof typeof problems;

/** What is said of a problem. */
export interface ProblemDetails {
  readonly kind: ProblemKind;
  /** What is so, why, and what to do next. */
  readonly detail: string;
  readonly requestId: string;
  readonly tool?: string | undefined;
  /** The role that the caller has, where it is why. */
  readonly role?: string | undefined;
  readonly needed?: Needed | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** True where MCP is spoken: the document is an error of JSON-RPC as well, since some clients show no other. */
  readonly isMcp?: boolean;
}

/** What the type of a problem begins with. It is a name and no address. */
export const problemType = "urn:problem-type:nomad-mcp:";

/** The answer to a request that failed, as RFC 9457 has it. */
export function problem({ kind, detail, requestId, tool, role, needed, headers, isMcp }: ProblemDetails): Response {
  const { status, title } = problems[kind];
  const body = { type: `${problemType}${kind}`, title, status, detail, instance: requestId, tool, role, ...needed };
  const rpc = isMcp && { jsonrpc: "2.0", id: null, error: { code: -32000, message: detail } };
  const type = isMcp ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify({ ...body, ...rpc }), {
    status,
    headers: { ...headers, "Content-Type": type, "Cache-Control": "no-store" },
  });
}
