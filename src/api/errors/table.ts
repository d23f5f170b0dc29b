import { execInTask } from "../../endpoints/needs.ts";
import { unseal } from "../../text/sealed.ts";
import { lines } from "../../text/words.ts";
import { finerOf, needText, policyFor } from "../capabilities.ts";
import type { NomadError, NomadErrorKind } from "./errors.ts";
import { seeServers } from "./looks.ts";
import { accessRows, type Row, type Telling, unknown } from "./rows-access.ts";
import { loginRows } from "./rows-login.ts";
import { objectRows } from "./rows-objects.ts";

/** What Nomad has no handler for, and what is no Nomad. */
const otherRows: readonly Row[] = [
  { kind: "unsupported", status: [404], text: /^$/ },
  { kind: "not_found", status: [404] },
  { kind: "unsupported", status: [405] },
  {
    kind: "unsupported",
    text: /Enterprise only endpoint/,
    tells: "Only Nomad Enterprise has this; the cluster is a Community Edition.",
  },
  {
    kind: "unsupported",
    text: /Server only endpoint/,
    tells: "The agent at this address is a client, and this is asked of a server: set NOMAD_ADDR to one.",
  },
  { kind: "unsupported", status: [501] },
  { kind: "not_nomad", status: [502, 503, 504] },
];

/**
 * Nomad answers in plain text and uses 500 for almost anything, so the text decides before the status does, and the first
 * row that fits wins. Texts from nomad/structs/errors.go and command/agent (nomad-api.md §9); a forwarded error
 * carries the prefix `rpc error: `, once or twice, so nothing is matched from its start.
 */
const rows: readonly Row[] = [...loginRows, ...accessRows, ...objectRows, ...otherRows];

function rowOf(status: number, text: string): Row | undefined {
  return rows.find((row) => (row.status?.includes(status) ?? true) && (row.text?.test(text) ?? true));
}

/** Sorts a reply of Nomad that is no success into its kind. `text` is the reply's body, trimmed. */
export function sortReply(status: number, text: string, contentType: string): NomadErrorKind {
  if (/^text\/html/i.test(contentType) || /^\s*<(!doctype|html)/i.test(text)) {
    return status === 429 ? "rate_limited" : "not_nomad";
  }
  return rowOf(status, text)?.kind ?? (status >= 400 && status < 500 ? "bad_argument" : "unclear");
}

/**
 * What an error means and what to do; empty where its own words say it all. `tokenKnown`: it was seen that Nomad knows the
 * token, so that a refusal is about what it may do.
 */
export function meaningOf(error: NomadError, tokenKnown = false): string {
  const { kind, status, reply } = error;
  const row = status === undefined ? undefined : rowOf(status, unseal(reply));
  const telling = (row?.kind === kind ? row.tells : undefined) ?? meanings[kind];
  return typeof telling === "string" ? telling : telling(error, tokenKnown);
}

/** What each kind means where nothing more is known. */
const meanings: Readonly<Record<NomadErrorKind, Telling>> = {
  bad_argument: "Nomad does not take this argument as it is; correct it and call again.",
  bad_region: "The region is unknown to this cluster: correct NOMAD_REGION.",
  bad_token: unknown,
  cancelled: "The call was cancelled before Nomad answered.",
  conflict: "The job changed since it was looked at. Look at it again, then repeat with its new index.",
  connection_lost: "The connection broke before the answer was whole.",
  forbidden,
  no_leader: `The servers have no leader at the moment, so Nomad takes no requests. It is not about the job: see \`${seeServers}\`.`,
  node_unreachable:
    "The node that has this allocation cannot be reached (down, disconnected, or it has cleaned the allocation up).",
  not_found: "Nomad has nothing of that name or id there.",
  not_nomad: ({ request }) =>
    `What answered is not Nomad but something in front of it (proxy, load balancer, login page). Check NOMAD_ADDR (${request.address}) and that Nomad runs behind it.`,
  precondition: "Nomad does not do this in the state that the object is in now.",
  rate_limited: "Too many connections from this address at once. Wait a few seconds, then call again.",
  redirected:
    "Redirects are not followed, since they would carry the token elsewhere: set NOMAD_ADDR to the final address.",
  scheme: "Nomad speaks HTTPS there: NOMAD_ADDR must begin with https://.",
  timeout: "Nomad did not answer in time. It may be overloaded, or something between drops the connection.",
  // Where the fault is understood, its own words name the setting.
  tls: ({ reply }) =>
    reply.includes("NOMAD_")
      ? ""
      : "TLS failed: check NOMAD_CACERT, NOMAD_CLIENT_CERT and NOMAD_CLIENT_KEY, and NOMAD_TLS_SERVER_NAME (often server.<region>.nomad).",
  crowded:
    "Too many large replies at once for this server's memory. Ask for less, or again when fewer calls are under way.",
  too_large: "The reply is larger than this server reads. Narrow the question.",
  unclear: "Nomad failed inside; its servers' log says more.",
  unhealthy: "That is Nomad's own verdict: something is wrong with its servers.",
  unreachable: ({ request }) =>
    `Nothing answers at ${request.address}. Check NOMAD_ADDR, that the Nomad agent runs, and VPN or firewall.`,
  unreadable: ({ request }) =>
    `What answered is not Nomad, a version of it that this server does not know, or something that changes its answers. Check NOMAD_ADDR (${request.address}) and what stands in front of it.`,
  unsupported,
  validation: "Nomad does not accept the job as it is; correct what it names and submit again.",
};

function unsupported({ request, status }: NomadError): string {
  if (request.since !== undefined) return `This came with Nomad ${request.since}: the cluster has an older version.`;
  if (status === 404) {
    return `Every Nomad has this route, so what answers is not Nomad, or the path in NOMAD_ADDR (${request.address}) is wrong.`;
  }
  return "This Nomad does not have that: an older version, or an Enterprise feature.";
}

function forbidden({ request }: NomadError, tokenKnown: boolean): string {
  const { needs, namespace = "default", token, ofCaller } = request;
  const none = token === false ? "No token is set (NOMAD_TOKEN), and this needs one." : "";
  const doubt = tokenKnown ? "" : "Nomad says the same of a token that is unknown or has expired.";
  if (needs === undefined) return lines(none || "The token's policies do not allow this.", none === "" && doubt);
  if (needs.length === 0) return none || "Any token may do this, so this one is unknown to Nomad or has expired.";
  const policy = policyFor(needs, namespace === "*" ? "default" : namespace);
  const finer = finerOf(needs);
  return lines(
    none,
    `${ofCaller ? "Your Nomad token" : "The token"} needs ${needText(needs, namespace)}${policy ? ":" : "."}`,
    policy.replaceAll(/^(?=.)/gm, "  "),
    needs.some((need) => need === execInTask) &&
      "alloc-node-exec only where the task is not isolated from its node, as with raw_exec; a node with disable_remote_exec lets nobody do this.",
    finer.length > 0 && `From Nomad 1.11.2 on, ${finer.join(" or ")} is enough.`,
    none === "" && doubt,
  );
}
