import type { JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { type Fault, isObject } from "../mcp/fault.ts";
import { isModern, metaOf } from "../mcp/modern/request.ts";
import { metaKeys, modern, modernErrors } from "../mcp/modern/revision.ts";
import { quotedLine } from "../text/untrusted.ts";

/** What a message says in its headers, for what stands between client and server and reads no bodies. */
export const headerNames = { revision: "MCP-Protocol-Version", method: "Mcp-Method", name: "Mcp-Name" } as const;

/** Where requests say what they are about. */
const named: Partial<Record<string, "name" | "uri">> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

/** What a request is about, which is its header Mcp-Name; undefined where it has none. */
function nameOf({ method, params }: Pick<JSONRPCRequest, "method" | "params">): string | undefined {
  const key = Object.hasOwn(named, method) ? named[method] : undefined;
  const value = key && isObject(params) ? params[key] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** The headers of a request; none where it is of a revision that has no such. */
export function headersOf(request: JSONRPCRequest): Readonly<Record<string, string>> {
  if (!isModern(request)) return {};
  const name = nameOf(request);
  return {
    [headerNames.revision]: modern,
    [headerNames.method]: request.method,
    ...(name !== undefined && { [headerNames.name]: encoded(name) }),
  };
}

/**
 * Why the headers of a request are refused: whoever reads them must not take it for another one. Undefined where they say what
 * its body does (docs/facts/mcp.md §1.6).
 */
export function headerFault(headers: Headers, request: JSONRPCRequest): Fault | undefined {
  const { id, method, params } = request;
  const revision = metaOf(params)[metaKeys.revision];
  const name = nameOf(request);
  const rows = [
    [headerNames.revision, headers.get(headerNames.revision), String(revision)],
    [headerNames.method, headers.get(headerNames.method), method],
    ...(name === undefined ? [] : [[headerNames.name, decoded(headers.get(headerNames.name)), name] as const]),
  ] as const;
  for (const [header, said, meant] of rows) {
    if (said === meant) continue;
    const shown = (value: string) => JSON.stringify(quotedLine(value, 80));
    const what =
      said === null
        ? `is missing, and the body has ${shown(meant)}`
        : `says ${shown(said)}, and the body ${shown(meant)}`;
    const message = `The header ${header} ${what}, so nothing was done: both must be the same.`;
    return { id, code: modernErrors.headerMismatch, message };
  }
  return undefined;
}

const encodedValue = /^=\?base64\?(.*)\?=$/s;

/** A value as the header carries it: what is no plain ASCII is written in base64. */
function encoded(value: string): string {
  const isPlain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !encodedValue.test(value);
  return isPlain ? value : `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
}

/** What a header says; as it came where its base64 is none, which no name is. */
function decoded(value: string | null): string | null {
  const [, base64] = encodedValue.exec(value ?? "") ?? [];
  if (base64 === undefined) return value;
  const text = Buffer.from(base64, "base64").toString("utf8");
  return Buffer.from(text, "utf8").toString("base64") === base64 ? text : value;
}
