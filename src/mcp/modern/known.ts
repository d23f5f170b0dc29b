import type { JSONRPCNotification, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import { type Fault, isObject, wrong } from "../fault.ts";
import type { Welcome } from "../welcome.ts";
import { metaKeys, spoken } from "./revision.ts";

/** What a request comes to. */
export type Reply = { readonly result: Readonly<Record<string, unknown>> } | { readonly error: Omit<Fault, "id"> };

/** Sends a message that belongs to a request, before its reply. */
export type Notify = (notification: Omit<JSONRPCNotification, "jsonrpc">) => void;

/** Lists change only with a server that is started anew, or with the role of who asks, ms. */
const listsHold = 5 * 60_000;

/** What may be kept of a result and for how long, ms: what is read of a cluster is old at once. All of it is for who asked alone. */
const keeps: Partial<Record<string, number>> = {
  "server/discover": listsHold,
  "tools/list": listsHold,
  "prompts/list": listsHold,
  "resources/templates/list": listsHold,
  "resources/list": 0,
  "resources/read": 0,
};

/** A result as this revision has it: of which kind it is, from which server, and how long it may be kept. */
export function complete(
  method: string,
  { serverInfo }: Welcome["initialize"],
  result: Readonly<Record<string, unknown>>,
): Reply {
  const ttlMs = Object.hasOwn(keeps, method) ? keeps[method] : undefined;
  const meta = isObject(result._meta) ? result._meta : {};
  return {
    result: {
      resultType: "complete",
      ...result,
      ...(ttlMs !== undefined && { ttlMs, cacheScope: "private" }),
      _meta: { ...meta, [metaKeys.server]: serverInfo },
    },
  };
}

/** The reply to a request for which no code is needed; undefined for any other. */
export function knownReply(
  { id, method, params = {} }: JSONRPCRequest,
  welcome: Welcome,
  notify: Notify,
): Reply | undefined {
  const { initialize, tools, prompts, resourceTemplates } = welcome;
  if (method === "subscriptions/listen") return listen(id, params, initialize, notify);
  const { _meta, ...others } = params;
  if (Object.keys(others).length > 0) return undefined;
  const { capabilities, instructions } = initialize;
  const results: Partial<Record<string, Readonly<Record<string, unknown>>>> = {
    "server/discover": {
      supportedVersions: spoken,
      capabilities,
      ...(instructions !== undefined && { instructions }),
    },
    "tools/list": tools,
    "prompts/list": prompts,
    "resources/templates/list": resourceTemplates,
  };
  const result = Object.hasOwn(results, method) ? results[method] : undefined;
  return result && complete(method, initialize, result);
}

/** No change is told of here: the subscription holds nothing of what was asked for, and so it ends at once. */
function listen(
  id: JSONRPCRequest["id"],
  { notifications }: Readonly<Record<string, unknown>>,
  initialize: Welcome["initialize"],
  notify: Notify,
): Reply {
  if (!isObject(notifications)) {
    const what =
      notifications === undefined ? "params.notifications is missing" : "params.notifications must be an object";
    const { id: _, ...error } = wrong(id, "subscriptions/listen", what);
    return { error };
  }
  const _meta = { [metaKeys.subscription]: id };
  notify({ method: "notifications/subscriptions/acknowledged", params: { _meta, notifications: {} } });
  return complete("subscriptions/listen", initialize, { _meta });
}
