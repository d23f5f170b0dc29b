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
}

/** A reply that is no success. */
export interface Refused {
  readonly status: number;
  readonly headers: Headers;
  /** What the server says of it, in one line; empty where that is nothing. */
  readonly said: string;
}

/** What a status other than 2xx means and what to do about it. */
export function statusFault({ status, headers, said }: Refused, asked: Asked): ServerFault {
  const words = said.replace(new RegExp(`^${status}\\s+`), "");
  const why = words === "" ? `(${status})` : `(${status}: ${words})`;
  const { url } = asked;
  if (status >= 300 && status < 400) {
    const to = quotedLine(withoutSecrets(headers.get("location") ?? "nowhere"));
    return new ServerFault(`${url} redirects to ${to} (${status}), and redirects are not followed: set that address.`);
  }
  if (status === 401) return new ServerFault(unknownKey(why, asked));
  if (status === 403) {
    return new ServerFault(
      `The server forbids this ${why}: ask those who run it what the role of the key may do, and from where.`,
    );
  }
  if ([404, 405, 406, 410, 415, 501].includes(status)) return new ServerFault(`${notMcp(url, why)}.`);
  if (status === 413) return new ServerFault(`The message is larger than the server takes ${why}.`);
  if (status === 429) {
    return new ServerFault(`The server takes no more calls of this key for now ${why}: try again ${later(headers)}.`);
  }
  if (status === 502 || status === 504) {
    const message = `What stands in front of the server gets no answer from it ${why}: see that the server runs.`;
    return new ServerFault(message, { mayHaveHappened: true });
  }
  if (status === 503) {
    return new ServerFault(
      `The server takes no calls now ${why}; it starts, stops or has too much to do: try again ${later(headers)}.`,
    );
  }
  if (status >= 500) {
    const message = `The server failed ${why}: its log says more.`;
    return new ServerFault(message, { mayHaveHappened: true });
  }
  return new ServerFault(`The server refuses the message ${why}.`);
}

/** What is said of an address at which something else than an MCP server answers; `why` in brackets. */
export function notMcp(url: string, why: string): string {
  const cure = url.endsWith("/mcp")
    ? "see that nomad-mcp serve runs there, and that what stands in front of it hands this path on"
    : `correct the address, which for nomad-mcp ends in /mcp, such as ${new URL(url).origin}/mcp`;
  return `What answers at ${url} is no MCP server over Streamable HTTP ${why}: ${cure}`;
}

function unknownKey(why: string, { key, keyIsFile }: Asked): string {
  if (key === undefined) {
    return `The server asks for a key ${why}, and none is set: put the key into a file and name it in NOMAD_MCP_KEY_FILE, or set NOMAD_MCP_KEY.`;
  }
  const then = keyIsFile ? "; a new one in the file is used as soon as it is there" : "";
  return `The server refuses the key in ${key} ${why}: it is unknown there, expired or was removed; ask those who run the server for a new one${then}.`;
}

/** When a server says that it may be asked again. */
function later(headers: Headers): string {
  const after = headers.get("retry-after")?.trim() ?? "";
  return /^\d{1,5}$/.test(after) ? `in ${Math.max(1, Number(after))}s` : "in a moment";
}
