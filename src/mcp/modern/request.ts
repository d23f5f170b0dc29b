import type { JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { quotedLine } from "../../text/untrusted.ts";
import { all } from "../../text/words.ts";
import type { HostName } from "../audit.ts";
import { type Fault, isObject, wrong } from "../fault.ts";
import { protocol } from "../protocol.data.ts";
import { metaKeys, modern, modernErrors, spoken } from "./revision.ts";

/** What a request says of who asks. */
export interface Asker {
  /** Undefined where it does not say: it need not. */
  readonly name: HostName | undefined;
  /** It can show a form to its person. */
  readonly asks: boolean;
}

/** What is in `_meta` of a message; nothing where there is none. */
export function metaOf(params: unknown): Readonly<Record<string, unknown>> {
  return isObject(params) && isObject(params._meta) ? params._meta : {};
}

/** True for a request that is to be carried out by this revision, whatever else is wrong with it. */
export function isModern({ params }: Pick<JSONRPCRequest, "params">): boolean {
  return metaOf(params)[metaKeys.revision] === modern;
}

/** Why a request is not carried out for what it says of itself in `_meta`; undefined where it may be. */
export function metaFault({ id, method, params }: Pick<JSONRPCRequest, "id" | "method" | "params">): Fault | undefined {
  const meta = metaOf(params);
  const named = meta[metaKeys.revision];
  if (named === undefined || protocol.supported.some((each) => each === named)) return undefined;
  if (named !== modern) return unsupported(id, named);
  const { [metaKeys.capabilities]: capabilities, [metaKeys.client]: client } = meta;
  if (capabilities === undefined) return wrongMeta(id, method, metaKeys.capabilities);
  if (!isObject(capabilities)) return wrongMeta(id, method, metaKeys.capabilities, "an object");
  if (client === undefined || hostName(client) !== undefined) return undefined;
  return wrongMeta(id, method, metaKeys.client, "an object with name and version");
}

/** The refusal of a revision that is not spoken here: what it means by the request is not known. */
export function unsupported(id: Fault["id"], named: unknown): Fault {
  const requested = quotedLine(String(named), 40);
  const message = `Protocol revision ${JSON.stringify(requested)} is not spoken here, so nothing was done: this server speaks ${all(spoken)}.`;
  return { id, code: modernErrors.unsupportedRevision, message, data: { supported: spoken, requested } };
}

/** The fault of something that `_meta` lacks, or has otherwise: what it must be. */
export function wrongMeta(id: Fault["id"], method: string, key: string, must?: string): Fault {
  const place = `params._meta[${JSON.stringify(key)}]`;
  return wrong(id, method, must === undefined ? `${place} is missing` : `${place} must be ${must}`);
}

/** What a request says of who asks, once it passed {@link metaFault}. */
export function askerOf({ params }: Pick<JSONRPCRequest, "params">): Asker {
  const { [metaKeys.capabilities]: capabilities, [metaKeys.client]: client } = metaOf(params);
  const { elicitation } = isObject(capabilities) ? capabilities : {};
  // Without a mode it is the form, as it was before there were two.
  const asks = isObject(elicitation) && (isObject(elicitation.form) || Object.keys(elicitation).length === 0);
  return { name: hostName(client), asks };
}

function hostName(client: unknown): HostName | undefined {
  if (!isObject(client) || typeof client.name !== "string" || typeof client.version !== "string") return undefined;
  return { name: client.name, version: client.version };
}
