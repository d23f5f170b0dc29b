import { ago, iso, span } from "../../text/time.ts";
import { all, some } from "../../text/words.ts";
import type { NomadErrorKind } from "../errors/errors.ts";
import type { Certificate } from "./certificates.ts";
import type { SettingName } from "./settings.ts";

/** A request that did not come through, explained from what this connection is made of. Its message is for people. */
export class ConnectFault extends Error {
  override name = "ConnectFault";
  readonly kind: NomadErrorKind;

  constructor(kind: NomadErrorKind, message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Who is reached, as sentences call it. */
export interface Peer {
  /** `Nomad`. */
  readonly name: string;
  /** Where its certificate is renewed and its clock stands: `the Nomad agent`. */
  readonly machine: string;
  /** A path at which it answers anybody; `/` where it does not matter. */
  readonly openPath?: string;
  /** Its setting that has it ask for client certificates. */
  readonly asksBy?: string;
}

/** What is known of a connection beside its error. */
export interface TlsFacts {
  readonly peer: Peer;
  readonly name: SettingName;
  /** Host and port. */
  readonly host: string;
  readonly serverName?: string | undefined;
  /** Where the CAs stand that are trusted: `/etc/ca.pem (NOMAD_CACERT)`; undefined: Node's own. */
  readonly trusted?: string | undefined;
  readonly authorities?: readonly Certificate[] | undefined;
  /** Our certificate. */
  readonly client?: Certificate | undefined;
  /** The certificate that the server shows. */
  readonly server?: Certificate | undefined;
  /** Why the files that changed since cannot be used. */
  readonly trouble?: string | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

/** Who is reached where nothing else is said. */
export const nomadPeer: Peer = { name: "Nomad", machine: "the Nomad agent", asksBy: "verify_https_client" };

/** What the settings are called in the environment. */
export const environmentNames: SettingName = (key) =>
  ({
    address: "NOMAD_ADDR",
    caCert: "NOMAD_CACERT",
    caPath: "NOMAD_CAPATH",
    clientCert: "NOMAD_CLIENT_CERT",
    clientKey: "NOMAD_CLIENT_KEY",
    tlsServerName: "NOMAD_TLS_SERVER_NAME",
    systemCa: "NOMAD_MCP_SYSTEM_CA",
  })[key];

/** What the network said: the error at the end of the chain of causes. */
export function rootCause(error: unknown): unknown {
  let deepest: unknown = error;
  while (deepest instanceof Error && deepest.cause !== undefined) deepest = deepest.cause;
  // A host with several addresses fails with one error for each.
  return deepest instanceof AggregateError ? deepest.errors[0] : deepest;
}

/** True where fetch refuses the port, as browsers do with those of other protocols: nothing was sent. */
export function isBlockedPort(error: unknown): boolean {
  const cause = rootCause(error);
  return cause instanceof Error && cause.message === "bad port";
}

/** The explained fault in a chain of causes. */
export function faultIn(error: unknown): ConnectFault | undefined {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof ConnectFault) return each;
  return undefined;
}

/** The code of an error of Node's, such as `ECONNREFUSED`; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** True where we did not take the server's certificate. */
export function isDistrust(error: unknown): boolean {
  return unverified.test(codeOf(rootCause(error)));
}

/** True where the certificates of one side or both were refused: nothing of the request was read by Nomad. */
export function isRefusal(error: unknown): boolean {
  return isDistrust(error) || clientRefused.test(codeOf(rootCause(error)));
}

// Node's names for OpenSSL's verification errors, and its own for a name that does not fit.
const unverified =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_|ERR_TLS_CERT_)/;
const distrusted = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_SIGNATURE_|CERT_UNTRUSTED|INVALID_CA)/;
// Alerts with which a server refuses a client certificate, or its absence. Over TLS 1.3 they come when the handshake is
// done for us, so a request may be on its way; the server reads none of it. Node 20 says SSLV3, TLSV1 and TLSV13, later
// ones SSL/TLS, for the same alerts (seen on Nomad 2.0).
const clientRefused =
  /^ERR_SSL_.*_ALERT_(.*CERTIFICATE.*|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE|DECRYPT_ERROR|DECODE_ERROR)$/;

// Faults that come when the connection stands already, and so after a request, are none of these.
const handshake =
  /^ERR_(SSL|TLS)_(?!.*(BAD_RECORD_MAC|DECRYPTION_FAILED|UNEXPECTED_|INTERNAL_ERROR|RECORD_OVERFLOW|CLOSE_NOTIFY))/;

/**
 * Why TLS failed and what to do, as far as `facts` tell; undefined where the error is none of TLS.
 * `error` is the one that Node's TLS gave, or one that has it as its cause.
 */
export function explainTls(error: unknown, facts: Partial<TlsFacts> = {}): string | undefined {
  const cause = rootCause(error);
  const code = codeOf(cause);
  if (!(cause instanceof Error) || !(unverified.test(code) || handshake.test(code))) return undefined;
  const known = { peer: nomadPeer, name: environmentNames, host: "that address", now: Date.now(), ...facts };
  return sentence(cause, code, known) + (facts.trouble ? `. The files changed since, but: ${facts.trouble}` : "");
}

function sentence(error: Error, code: string, facts: TlsFacts): string {
  const { name, host, client } = facts;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return otherName(error, facts);
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") return outOfTime(code, facts);
  if (distrusted.test(code)) return untrusted(facts);
  if (clientRefused.test(code)) return refused(code, facts);
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) {
    return `what answers at ${host} does not speak TLS: ${name("address")} must begin with http:// there`;
  }
  if (/PROTOCOL/.test(code)) return `the server and this client have no TLS version in common (${code})`;
  const words = "reason" in error && typeof error.reason === "string" ? error.reason : error.message.split("\n")[0];
  return client && client.validTo < facts.now ? `${words} (${code}); ${expired(client, facts)}` : `${words} (${code})`;
}

/** Our certificate is out of time: which file, since when. */
export function expired(client: Certificate, { name, now }: Pick<TlsFacts, "name" | "now">): string {
  return `our client certificate ${client.file} (${name("clientCert")}) expired ${since(client.validTo, now)}: renew it; the new file is used as soon as it is there`;
}

function since(then: number, now: number): string {
  return `${ago(then, now)} (${iso(then)})`;
}

function otherName(error: Error, { peer, name, serverName, host, server }: TlsFacts): string {
  const asked = "host" in error && typeof error.host === "string" ? error.host : host;
  const names = server?.names ?? [];
  const has = names.length > 0 ? `is for ${some(names, 6)}` : "has other names";
  const wanted = serverName ? `${serverName} (${name("tlsServerName")})` : asked;
  const best = names.find((each) => /^(server|client)\./.test(each)) ?? names[0];
  const cure = best ? `one of these, such as ${best}` : "a name that it has, often server.<region>.nomad";
  return `${peer.name}'s certificate ${has}, not for ${wanted}: set ${name("tlsServerName")} to ${cure}`;
}

function outOfTime(code: string, facts: TlsFacts): string {
  const { peer, server, authorities = [], now, name } = facts;
  const whose = `${peer.name}'s certificate${who(server)}`;
  if (code === "CERT_NOT_YET_VALID") {
    const from = server && server.validFrom > now ? `${iso(server.validFrom)}, in ${span(server.validFrom - now)}` : "";
    return `${whose} is not valid yet${from && ` (from ${from})`}: compare the clocks of this machine and of ${peer.machine}`;
  }
  if (server && server.validTo < now)
    return `${whose} expired ${since(server.validTo, now)}: renew it on ${peer.machine}`;
  const old = authorities.filter(({ validTo }) => validTo < now);
  if (old.length > 0) {
    const which = old.map((each) => `${each.subject} in ${each.file} expired ${since(each.validTo, now)}`);
    return `the CA certificate ${all(which.slice(0, 3))}: put its successor there (${all([...new Set([name("caCert"), name("caPath")])], "or")})`;
  }
  return server
    ? `a CA certificate above ${peer.name}'s (${server.subject}, issued by ${server.issuer}) has expired: renew it on ${peer.machine}`
    : `${peer.name}'s certificate, or that of its CA, has expired: renew it on ${peer.machine}`;
}

function untrusted({ peer, server, trusted, name }: TlsFacts): string {
  const whose = `${peer.name}'s certificate${who(server)} is not signed by a CA`;
  return trusted
    ? `${whose} in ${trusted}`
    : `${whose} that Node trusts: set ${name("caCert")} to the PEM file of the CA that signed it`;
}

function refused(code: string, facts: TlsFacts): string {
  const { peer, client, name, now } = facts;
  if (client === undefined) {
    const sure = /HANDSHAKE_FAILURE|DECODE_ERROR/.test(code) ? "most likely " : "";
    return `${peer.name} ${sure}asks for a client certificate${peer.asksBy ? ` (${peer.asksBy})` : ""} and none is set: set ${name("clientCert")} and ${name("clientKey")}`;
  }
  if (client.validTo < now) return expired(client, facts);
  const ours = `our client certificate ${client.file} (${name("clientCert")}; ${client.subject}, issued by ${client.issuer})`;
  const alert = code
    .replace(/^.*_ALERT_/, "")
    .toLowerCase()
    .replaceAll("_", " ");
  if (/EXPIRED/.test(code))
    return `${peer.name} takes ${ours} for expired: compare the clocks of this machine and of ${peer.machine}`;
  if (/UNKNOWN_CA/.test(code))
    return `${peer.name} refuses ${ours}: it is not signed by the CA that ${peer.machine} trusts`;
  return `${peer.name} refuses ${ours}: ${alert}`;
}

function who(server: Certificate | undefined): string {
  return server ? ` (${server.subject}, issued by ${server.issuer})` : "";
}
