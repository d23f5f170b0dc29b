import type { Need } from "../../endpoints/needs.ts";

/** What a failed request was, in the terms in which the cure differs. See `explain` for what each one means. */
export type NomadErrorKind =
  | "bad_argument"
  | "bad_region"
  | "bad_token"
  | "cancelled"
  | "conflict"
  | "connection_lost"
  | "crowded"
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
export const settingsOfVariables = {
  NOMAD_ADDR: "address",
  NOMAD_TOKEN: "token",
  NOMAD_REGION: "region",
  NOMAD_HTTP_AUTH: "httpAuth",
  NOMAD_CACERT: "caCert",
  NOMAD_CLIENT_CERT: "clientCert",
  NOMAD_CLIENT_KEY: "clientKey",
  NOMAD_TLS_SERVER_NAME: "tlsServerName",
  NOMAD_MCP_LOGIN_METHOD: "loginMethod",
} as const;

export type NamedSetting = (typeof settingsOfVariables)[keyof typeof settingsOfVariables];

/** One request as an error needs to tell of it. `path` has no query: that is where nothing worth reading stands. */
export interface FailedRequest {
  readonly address: string;
  readonly method: string;
  readonly path: string;
  /** Whether it changes something, whatever its method. */
  readonly acts: boolean;
  /** What it needs of its token; undefined where that is not known. */
  readonly needs?: readonly Need[];
  /** The version of Nomad that brought its route, where not every one has it. */
  readonly since?: string | undefined;
  /** What shows the object of a change: "nomad job status web". */
  readonly shown?: string | undefined;
  readonly namespace?: string | undefined;
  /** Whether a token was sent. */
  readonly token?: boolean;
  /** Where that was a token of whoever calls, in place of the server's own: how it is got. */
  readonly ofCaller?: "shown" | "login";
  /** False where it is known that nothing left this process. */
  readonly sent?: boolean;
  /** What the operator calls a setting of this cluster; its variable where it is not said. */
  readonly settingName?: (key: NamedSetting) => string;
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
    if (this.request.sent === false || !this.request.acts) return false;
    const ambiguous: NomadErrorKind[] = [
      "connection_lost",
      "timeout",
      "cancelled",
      "too_large",
      "crowded",
      "unclear",
      "unreadable",
    ];
    // A proxy that has no answer may have handed the request on; one that shows a page has not.
    return ambiguous.includes(this.kind) || (this.kind === "not_nomad" && [502, 504].includes(this.status ?? 0));
  }
}
