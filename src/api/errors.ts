import { clean } from "../text/untrusted.ts";
import { meaningOf } from "./error-table.ts";
import { howToSee } from "./look-again.ts";
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
  | "unhealthy"
  | "unreachable"
  | "unreadable"
  | "unsupported"
  | "validation";

/** The settings that sentences about errors name, by the variables that stand for them there. */
const variables = {
  NOMAD_ADDR: "address",
  NOMAD_TOKEN: "token",
  NOMAD_REGION: "region",
  NOMAD_HTTP_AUTH: "httpAuth",
  NOMAD_CACERT: "caCert",
  NOMAD_CLIENT_CERT: "clientCert",
  NOMAD_CLIENT_KEY: "clientKey",
  NOMAD_TLS_SERVER_NAME: "tlsServerName",
} as const;

export type NamedSetting = (typeof variables)[keyof typeof variables];

const named = new RegExp(`\\b(?:${Object.keys(variables).join("|")})\\b`, "g");

/** A sentence with the settings named as the operator calls them. */
function asCalled(text: string, called: FailedRequest["called"]): string {
  const keys: Readonly<Record<string, NamedSetting>> = variables;
  return text.replaceAll(named, (variable) => (keys[variable] && called?.(keys[variable])) ?? variable);
}

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
  /** What the operator calls a setting of this cluster; its variable where it is not said. */
  readonly called?: (key: NamedSetting) => string;
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
    const ambiguous: NomadErrorKind[] = [
      "connection_lost",
      "timeout",
      "cancelled",
      "too_large",
      "unclear",
      "unreadable",
    ];
    // A proxy that has no answer may have handed the request on; one that shows a page has not.
    return ambiguous.includes(this.kind) || (this.kind === "not_nomad" && [502, 504].includes(this.status ?? 0));
  }
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
  const { request, status } = error;
  const words = toldOf(error);
  const said = status === undefined || words.startsWith(`${status} `) ? words : `${status} ${words}`.trim();
  const what = `${request.method} ${request.path}`;
  if (error.mayHaveHappened) {
    return `${what} may have happened: ${status === undefined ? `its answer was lost (${said})` : said}\n${howToSee(request)}`;
  }
  return [`${what} failed: ${said || "no reason given"}`, asCalled(meaningOf(error), request.called)]
    .filter(Boolean)
    .join("\n");
}

/** More than this of a reply tells an operator nothing more, in characters. */
const longestReply = 2_000;

/** What of a reply is worth reading. The object that a conflict was about may have secrets in it. */
function toldOf({ kind, reply }: NomadError): string {
  if (kind === "not_nomad") return firstWords(reply);
  if (kind === "conflict" && reply.startsWith("{")) return "Conflict";
  const known = clean(reply).trim();
  return known.length <= longestReply ? known : `${known.slice(0, longestReply).toWellFormed()} ... (cut)`;
}

/** The title of a page, or the text in it. */
function firstWords(html: string): string {
  const start = html.slice(0, 16_384);
  const title = /<title>([^<]{1,120})/i.exec(start)?.[1];
  const words = title ?? start.replaceAll(/<[^<>]{0,200}>/g, " ");
  return clean(words).replaceAll(/\s+/g, " ").trim().slice(0, 120).toWellFormed();
}
