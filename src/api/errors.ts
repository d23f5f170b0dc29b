import { acts } from "./routes.ts";

/**
 * A call that is not carried out, with the sentences that the operator should read: an unknown job, an ambiguous id, an
 * argument that cannot be meant. Its message is the whole answer.
 */
export class Refusal extends Error {
  override name = "Refusal";
}

/** What a failed request was, in the terms in which the cure differs. See {@link explain} for what each one means. */
export type NomadErrorKind =
  | "bad_argument"
  | "bad_region"
  | "bad_token"
  | "cancelled"
  | "conflict"
  | "connection_lost"
  | "forbidden"
  | "no_leader"
  | "node_unreachable"
  | "not_found"
  | "not_nomad"
  | "precondition"
  | "rate_limited"
  | "redirected"
  | "scheme"
  | "timeout"
  | "tls"
  | "too_large"
  | "unclear"
  | "unreachable"
  | "unreadable"
  | "unsupported"
  | "validation";

/** One request as an error needs to tell of it. `path` has no query: that is where nothing worth reading stands. */
export interface FailedRequest {
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly namespace?: string | undefined;
  /** Whether a token was sent. */
  readonly token?: boolean;
  /** False where it is known that nothing left this process. */
  readonly sent?: boolean;
}

/** A request that Nomad, or something on the way to it, did not answer with success. */
export class NomadError extends Error {
  override name = "NomadError";
  readonly kind: NomadErrorKind;
  readonly request: FailedRequest;
  /** HTTP status; undefined where no reply came. */
  readonly status: number | undefined;
  /** Nomad's own words, trimmed; or what the network said. */
  readonly reply: string;

  constructor(kind: NomadErrorKind, request: FailedRequest, reply: string, status?: number, cause?: unknown) {
    super(`${request.method} ${request.path}: ${status ?? kind}: ${reply}`, { cause });
    this.kind = kind;
    this.request = request;
    this.status = status;
    this.reply = reply;
  }

  /** True where the request changes something and may have reached Nomad although no answer came back. */
  get mayHaveHappened(): boolean {
    if (this.request.sent === false || !acts(this.request.method, this.request.path)) return false;
    const ambiguous: NomadErrorKind[] = ["connection_lost", "timeout", "cancelled", "unclear", "unreadable"];
    // A proxy that has no answer may have handed the request on; one that shows a page has not.
    return ambiguous.includes(this.kind) || (this.kind === "not_nomad" && [502, 504].includes(this.status ?? 0));
  }
}

interface Rule {
  readonly kind: NomadErrorKind;
  readonly status?: (status: number) => boolean;
  readonly text?: RegExp;
}

const is =
  (...codes: number[]) =>
  (status: number) =>
    codes.includes(status);

/**
 * Nomad answers in plain text and uses 500 for almost anything, so the text decides before the status does; the first
 * rule that fits wins. Texts from nomad/structs/errors.go and command/agent/http.go; a forwarded error carries the
 * prefix `rpc error: `, so nothing is matched from its start.
 */
const rules: readonly Rule[] = [
  { kind: "rate_limited", status: is(429) },
  { kind: "scheme", text: /sent an HTTP request to an HTTPS server/ },
  { kind: "bad_token", text: /ACL token (not found|expired)|invalid workload identity/ },
  { kind: "bad_token", status: is(401) },
  { kind: "forbidden", text: /Permission denied|scheduler configuration$/ },
  { kind: "forbidden", status: is(403) },
  { kind: "no_leader", text: /No cluster leader|Not ready to serve consistent reads|^no servers$/ },
  { kind: "bad_region", text: /No path to region/ },
  { kind: "node_unreachable", text: /No path to node|not found on client|Unknown node/ },
  {
    kind: "bad_argument",
    text: /UUID must be 36 characters|Invalid UUID|must be even length|UUID have 36 characters|UUID should have maximum/,
  },
  { kind: "conflict", text: /Enforcing job modify index|Current job has version/ },
  { kind: "not_found", text: /nonexistent (namespace|node pool)/ },
  {
    kind: "precondition",
    text: /blocked due to active deployment|terminal deployment|is not a parameterized job|Dispatch (did not|request)|can't (evaluate|revert|force)|healthy allocations|should not run|Task not running/,
  },
  { kind: "validation", text: /^\d+ errors? occurred|cannot update job from type|Failed to parse job/ },
  {
    kind: "unclear",
    text: /EOF|connection (refused|reset)|i\/o (deadline|timeout)|leadership lost|raft is already shutdown/,
  },
  {
    kind: "not_found",
    text: /not found|Unknown (job|allocation)|unknown task name|Could not find task runner|not started yet/,
  },
  { kind: "not_found", status: is(404) },
  { kind: "unsupported", status: is(501) },
  { kind: "not_nomad", status: is(502, 503, 504) },
  { kind: "bad_argument", status: (status) => status >= 400 && status < 500 },
  { kind: "unclear", status: () => true },
];

/** Sorts a reply of Nomad that is no success into its kind. `text` is the reply's body, trimmed. */
export function sortReply(status: number, text: string, contentType: string): NomadErrorKind {
  if (/^text\/html/i.test(contentType) || /^\s*<(!doctype|html)/i.test(text)) {
    return status === 429 ? "rate_limited" : "not_nomad";
  }
  const rule = rules.find((each) => (each.status?.(status) ?? true) && (each.text?.test(text) ?? true));
  return rule?.kind ?? "unclear";
}

/** What each kind means and what to do, for a reader who has only this text. */
const meanings: Record<NomadErrorKind, (error: NomadError) => string> = {
  bad_argument: () => "Nomad does not take this argument as it is; correct it and call again.",
  bad_region: () => "The region is unknown to this cluster: correct NOMAD_REGION.",
  bad_token: () => "The ACL token is unknown to Nomad or has expired: set a valid NOMAD_TOKEN and restart this server.",
  cancelled: () => "The call was cancelled before Nomad answered.",
  conflict: () => "The job changed since it was looked at. Look at it again, then repeat with its new index.",
  connection_lost: () => "The connection broke before the answer was whole.",
  forbidden: (error) => forbidden(error),
  no_leader: () =>
    "The servers have no leader at the moment, so Nomad takes no requests. It is not about the job: see `nomad server members`.",
  node_unreachable: () =>
    "The node that has this allocation cannot be reached (down, disconnected, or it has cleaned the allocation up).",
  not_found: () => "Nomad has nothing of that name or id there.",
  not_nomad: (error) =>
    `What answered is not Nomad but something in front of it (proxy, load balancer, login page). Check NOMAD_ADDR (${error.request.address}) and that Nomad runs behind it.`,
  precondition: () => "Nomad does not do this in the state that the object is in now.",
  rate_limited: () => "Too many connections from this address at once. Wait a few seconds, then call again.",
  redirected: () =>
    "Redirects are not followed, since they would carry the token elsewhere: set NOMAD_ADDR to the final address.",
  scheme: () => "Nomad speaks HTTPS there: NOMAD_ADDR must begin with https://.",
  timeout: () => "Nomad did not answer in time. It may be overloaded, or something between drops the connection.",
  // Where the fault is understood, its own words name the setting.
  tls: ({ reply }) =>
    reply.includes("NOMAD_")
      ? ""
      : "TLS failed: check NOMAD_CACERT, NOMAD_CLIENT_CERT and NOMAD_CLIENT_KEY, and NOMAD_TLS_SERVER_NAME (often server.<region>.nomad).",
  too_large: () => "The reply is larger than this server reads. Narrow the question.",
  unclear: () => "Nomad failed inside; its servers' log says more.",
  unreadable: (error) =>
    `What answered is not Nomad, or the answer was cut. Check NOMAD_ADDR (${error.request.address}) and what stands in front of it.`,
  unreachable: (error) =>
    `Nothing answers at ${error.request.address}. Check NOMAD_ADDR, that the Nomad agent runs, and VPN or firewall.`,
  unsupported: () => "This Nomad does not have that: an older version, or an Enterprise feature.",
  validation: () => "Nomad does not accept the job as it is; correct what it names and submit again.",
};

/** The capability that a route needs (nomad-api reference, per-route ACL), so that a bare "Permission denied" can say it. */
const capabilities: readonly (readonly [method: RegExp, path: RegExp, capability: string])[] = [
  [/GET/, /^\/v1\/jobs$/, "list-jobs"],
  [/POST/, /^\/v1\/jobs\/parse$/, "parse-job"],
  [/POST/, /\/plan$/, "submit-job"],
  [/PUT/, /\/client\/allocation\/.+\/restart$|\/allocation\/.+\/stop$/, "alloc-lifecycle"],
  [/GET/, /\/client\/fs\/logs\//, "read-logs"],
  [/GET/, /\/client\/fs\//, "read-fs"],
  [/POST|PUT|DELETE/, /^\/v1\/jobs?(\/|$)/, "submit-job"],
  [/GET/, /^\/v1\/(job|allocation|evaluation|deployment|client\/allocation)s?(\/|$)/, "read-job"],
];

function forbidden(error: NomadError): string {
  const { request } = error;
  if (request.token === false) return `No token is set (NOMAD_TOKEN), and this needs one.\n${needed(error)}`;
  return `${needed(error)}\nNomad says the same of a token that is unknown or has expired.`;
}

function needed({ request, reply }: NomadError): string {
  if (reply.includes("disabled by the scheduler configuration")) {
    return "An administrator has closed the cluster for job changes (RejectJobRegistration).";
  }
  if (/^\/v1\/nodes?(\/|$)/.test(request.path)) return 'The token needs `node { policy = "read" }`.';
  const found = capabilities.find(([method, route]) => method.test(request.method) && route.test(request.path));
  const where = request.namespace ?? "default";
  if (found === undefined) return "The token's policies do not allow this.";
  return `The token needs the capability ${found[2]} in namespace ${where}:\n  namespace "${where}" { capabilities = ["${found[2]}"] }`;
}

/**
 * What the operator should read of any error of a call: what happened, what it means, what to do.
 * Our own mistakes say that they are ours.
 */
export function explain(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof NomadError)) {
    return `This is a mistake in nomad-mcp itself, not in Nomad: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { request, status, reply } = error;
  const words = error.kind === "not_nomad" ? firstWords(reply) : reply;
  const said = status === undefined ? words : `${status} ${words}`;
  const happened = `${request.method} ${request.path} failed: ${said || "no reason given"}`;
  if (error.mayHaveHappened) {
    return `${happened}\nThe request was sent and its answer was lost: it may have happened. Look before you repeat it.`;
  }
  return [happened, meanings[error.kind](error)].filter(Boolean).join("\n");
}

function firstWords(html: string): string {
  const title = /<title>([^<]{1,120})/i.exec(html)?.[1];
  return (
    title?.trim() ??
    html
      .replaceAll(/<[^<>]{0,200}>/g, " ")
      .replaceAll(/\s+/g, " ")
      .trim()
      .slice(0, 120)
  );
}
