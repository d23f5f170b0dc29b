import { withoutSecrets } from "../../api/connect/address.ts";
import { quotedLine } from "../../text/untrusted.ts";

/** A server that did not answer as an MCP server does. Its message is for people: what is, why, and what to do. */
export class ServerFault extends Error {
  override name = "ServerFault";
  /** True where the server may have carried out what was sent. */
  readonly mayHaveHappened: boolean;

  constructor(
    message: string,
    { mayHaveHappened = false, cause }: { mayHaveHappened?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.mayHaveHappened = mayHaveHappened;
  }
}

/** What sentences about a reply need to know. */
export interface Asked {
  /** The address that was asked. */
  readonly url: string;
  /** Where the key was set, as the operator calls it: `/run/key (NOMAD_MCP_KEY_FILE)`; undefined where none is. */
  readonly key: string | undefined;
  /** It is read from a file, which may be replaced. */
  readonly keyIsFile: boolean;
  /** It is a Nomad token, which is shown in a header of its own. */
  readonly isNomadToken: boolean;
}

/** A reply that is no success. */
export interface Refused {
  readonly status: number;
  readonly headers: Headers;
  /** What the server says of it, in one line; empty where that is nothing. */
  readonly said: string;
  /** What it says tells what to do, too, as nomad-mcp does. */
  readonly advises: boolean;
}

/** What a status means. */
interface Meaning {
  readonly what: string;
  readonly cure: string;
  readonly mayHaveHappened?: boolean;
}

/** What a status other than 2xx means and what to do about it. */
export function statusFault({ status, headers, said, advises }: Refused, asked: Asked): ServerFault {
  const { what, cure, mayHaveHappened = false } = meaningOf(status, headers, asked);
  // How a key is sent is nobody's matter who has to set one.
  const isOther = status === 401 && (asked.key === undefined || wantsNomadToken(headers, asked));
  const words = isOther ? "" : said.replace(new RegExp(`^${status}\\s+`), "");
  const why = words === "" || advises ? `(${status})` : `(${status}: ${words})`;
  return new ServerFault(`${what} ${why}: ${advises && words !== "" ? words : cure}.`, { mayHaveHappened });
}

function meaningOf(status: number, headers: Headers, asked: Asked): Meaning {
  const { url } = asked;
  if (status >= 300 && status < 400) {
    const to = quotedLine(withoutSecrets(headers.get("location") ?? "nowhere"));
    return { what: `${url} redirects to ${to}`, cure: "redirects are not followed, so set that address" };
  }
  if (status === 401) {
    if (wantsNomadToken(headers, asked)) return nomadToken(asked);
    const signsIn = /\bresource_metadata=/i.test(headers.get("www-authenticate") ?? "");
    return signsIn && asked.key === undefined ? signIn(url) : unknownKey(asked);
  }
  if (status === 403) {
    return { what: "The server forbids this", cure: "ask those who run it what the key may do, and from where" };
  }
  if ([404, 405, 406, 410, 415, 501].includes(status)) return notMcp(url);
  if (status === 413) return { what: "The message is larger than the server takes", cure: "send less" };
  if (status === 429) {
    return { what: "The server takes no more calls of this key for now", cure: `try again ${later(headers)}` };
  }
  if (status === 502 || status === 504) {
    const what = "What stands in front of the server gets no answer from it";
    return { what, cure: "see that the server runs", mayHaveHappened: true };
  }
  if (status === 503) {
    const cure = `it starts, stops or has too much to do, so try again ${later(headers)}`;
    return { what: "The server takes no calls now", cure };
  }
  if (status >= 500) return { what: "The server failed", cure: "its log says more", mayHaveHappened: true };
  return { what: "The server refuses the message", cure: "see that it and this program are of the same version" };
}

/** What is said of an address at which something else than an MCP server answers. */
export function notMcp(url: string): Meaning {
  const what = `What answers at ${url} is no MCP server over Streamable HTTP`;
  const cure = url.endsWith("/mcp")
    ? "see that nomad-mcp serve runs there, and that what stands in front of it hands this path on"
    : `correct the address, which for nomad-mcp ends in /mcp, such as ${new URL(url).origin}/mcp`;
  return { what, cure };
}

/** The server names a provider (RFC 9728), at which a browser signs in. */
function signIn(url: string): Meaning {
  return {
    what: "The server has people sign in at their provider, which this program cannot",
    cure: `give ${url} to a host that can, such as Claude Code, or name a file with a key or an access token in NOMAD_MCP_KEY_FILE`,
  };
}

/** True where the server takes Nomad tokens of callers alone, and is shown none. */
function wantsNomadToken(headers: Headers, { isNomadToken }: Asked): boolean {
  return !isNomadToken && /^Nomad-Token\b/i.test(headers.get("www-authenticate") ?? "");
}

/** The server knows callers by their own Nomad tokens, which are sent to none that was not named for it. */
function nomadToken({ key }: Asked): Meaning {
  const what = key === undefined ? "and none is shown" : `and is shown the key in ${key}`;
  return {
    what: `The server asks for your own Nomad token, ${what}`,
    cure: "set NOMAD_MCP_SEND_TOKEN=true beside NOMAD_TOKEN or NOMAD_MCP_TOKEN_FILE, and no key",
  };
}

function unknownKey({ key, keyIsFile, isNomadToken }: Asked): Meaning {
  if (key === undefined) {
    const cure = "put the key into a file and name it in NOMAD_MCP_KEY_FILE, or set NOMAD_MCP_KEY";
    return { what: "The server asks for a key, and none is set", cure };
  }
  const then = keyIsFile ? "; a new one in the file is used as soon as it is there" : "";
  const cure = `it is unknown there, expired or was removed, so ask those who run the server for another one${then}`;
  const what = isNomadToken ? `The server refuses the Nomad token in ${key}` : `The server refuses the key in ${key}`;
  return { what, cure };
}

/** When a server says that it may be asked again. */
function later(headers: Headers): string {
  const after = headers.get("retry-after")?.trim() ?? "";
  return /^\d{1,5}$/.test(after) ? `in ${Math.max(1, Number(after))}s` : "in a moment";
}
