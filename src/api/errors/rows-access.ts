import type { NomadError, NomadErrorKind } from "./errors.ts";
import { seeNodes, seeServers } from "./looks.ts";

/** What it means and what to do, for a reader who has only this text. */
export type Telling = string | ((error: NomadError, tokenKnown: boolean) => string);

/** One reply that is known. */
export interface Row {
  readonly kind: NomadErrorKind;
  readonly status?: readonly number[];
  readonly text?: RegExp;
  /** Where the kind alone says too little. */
  readonly tells?: Telling;
}

/** A token that Nomad knows, and whose time is over. */
export function expired({ request: { ofCaller } }: Pick<NomadError, "request">): string {
  return ofCaller === undefined
    ? "The ACL token has expired: set a new one (NOMAD_TOKEN)."
    : `Your Nomad token has expired: ${anotherOne[ofCaller]}`;
}

/** A token that Nomad does not know, as it may be. */
export function unknown({ request: { ofCaller } }: Pick<NomadError, "request">): string {
  return ofCaller === undefined
    ? "The ACL token is unknown to Nomad, has expired, or is cut off: set a valid one (NOMAD_TOKEN) and restart this server."
    : `Nomad does not know your token any more (it was taken back, or has expired): ${anotherOne[ofCaller]}`;
}

/** How whoever calls gets another token. */
const anotherOne = {
  shown: "show another one in NOMAD_TOKEN.",
  login: "call again in half a minute, and you are signed in anew.",
};

/** What stands between a request and its object: the way there, the token, the servers, the node. */
export const accessRows: readonly Row[] = [
  { kind: "unhealthy", status: [429, 500], text: /^\{.*"(Healthy|ok)": ?(true|false)/s },
  { kind: "rate_limited", status: [429] },
  { kind: "scheme", text: /sent an HTTP request to an HTTPS server/ },
  // Nomad sends JSON with no other failure: that is an API of something else.
  { kind: "not_nomad", status: [400, 401, 402, 403, 404], text: /^[{[]|^404 page not found$/ },

  // The token.
  { kind: "bad_token", text: /ACL token expired/, tells: expired },
  { kind: "bad_token", text: /ACL token not found|invalid workload identity|failed to parse signed token/ },
  {
    kind: "bad_token",
    status: [401],
    tells: ({ request }) =>
      request.address.startsWith("unix:")
        ? "Over the Task API every request needs a token: set NOMAD_TOKEN to the workload's."
        : "Something in front of Nomad asks who calls: set NOMAD_HTTP_AUTH to its user:password.",
  },
  {
    kind: "bad_token",
    status: [403],
    text: /^Forbidden$/,
    tells: ({ request }) =>
      request.address.startsWith("unix:")
        ? "The Task API does not know this token: set NOMAD_TOKEN to the workload's."
        : "These are not Nomad's words: something in front of it refuses. Check what it wants (NOMAD_HTTP_AUTH, a client certificate).",
  },
  {
    kind: "unsupported",
    text: /ACL support disabled/,
    tells: "ACLs are off in this cluster: there are no tokens or policies, and every request is allowed.",
  },
  {
    kind: "forbidden",
    text: /disabled by the scheduler configuration$/,
    tells:
      "An administrator has closed the cluster for job changes (RejectJobRegistration in the scheduler configuration); only a management token may change jobs now.",
  },
  { kind: "forbidden", text: /Permission denied/ },
  {
    kind: "forbidden",
    text: /Reading (secret|private) file prohibited/,
    tells: "Nomad shows nobody the secrets/ and private/ folders of a task.",
  },
  { kind: "forbidden", status: [403] },

  // The cluster.
  {
    kind: "no_leader",
    text: /no servers$/i,
    tells: "This agent is a client that knows no server at the moment: see its log, or set NOMAD_ADDR to a server.",
  },
  { kind: "no_leader", text: /No cluster leader|Not ready to serve consistent reads/ },
  { kind: "bad_region", text: /No path to region/ },
  {
    kind: "node_unreachable",
    text: /No path to node/,
    tells: `The node is down or disconnected, so nothing can be asked of it. See \`${seeNodes}\`.`,
  },
  {
    kind: "node_unreachable",
    text: /not found on client/,
    tells: "The node is there and has cleaned this allocation up: its logs and files are gone.",
  },
  {
    kind: "node_unreachable",
    text: /Unknown node/,
    tells: "Nomad has forgotten this node: it has been down for long, or was purged.",
  },
  {
    kind: "unclear",
    status: [500],
    text: /EOF$|connection (refused|reset)|i\/o (deadline|timeout)|leadership lost|raft is already shutdown/,
    tells: `The servers lost each other, or their leader, in the middle of this. See \`${seeServers}\`.`,
  },
];
