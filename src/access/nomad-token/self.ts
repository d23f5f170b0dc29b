import type { Transport } from "../../api/connect/connection.ts";
import { NomadError } from "../../api/errors/errors.ts";
import { explain } from "../../api/errors/explain.ts";
import { Refusal } from "../../api/errors/refusal.ts";
import type { Sent } from "../../api/request/connection.ts";
import { oneOfMany } from "../../api/request/one-of-many.ts";
import { createQueue } from "../../api/request/queue.ts";
import { createRoom } from "../../api/request/room.ts";
import { type AclToken, acl } from "../../endpoints/acl.ts";
import { NomadClient } from "../../nomad-client.ts";
import { fromGoTime } from "../../text/time.ts";

/** What Nomad says of a token. */
export interface TokenSelf {
  readonly accessor: string;
  readonly name: string;
  readonly isManagement: boolean;
  /** Its policies and its ACL roles, by their names. */
  readonly grants: readonly string[];
  /** When it expires, ms since the epoch; undefined: never. */
  readonly expires: number | undefined;
}

/**
 * Who a token is, or why nobody: Nomad does not know it, its time is over, it is no token of somebody (`anonymous`), the cluster has no
 * ACLs and takes any, or Nomad could not be asked (`why`: for the operator). `unclear`: its time may be over, or Nomad is in trouble.
 */
export type Looked =
  | { readonly self: TokenSelf }
  | { readonly fault: "unknown" | "expired" | "anonymous" | "no ACLs" }
  | { readonly fault: "unclear" | "unavailable"; readonly why: string };

/** The cluster that knows tokens: how it is reached, as every request of a session does. */
export interface TokenCluster {
  readonly settings: { readonly name: string; readonly region?: string };
  readonly transport: Pick<Transport, "base" | "address" | "headers" | "fetch">;
}

/** So long may it take, in ms: whoever calls waits for it. */
const patience = 5_000;
/** So many are looked up at a time: what callers do has 32 places of its own. */
const places = 8;

/** Gives what asks a cluster who a token is, with that token and no other. It never throws. `sent`: told of each request. */
export function lookUpAt(
  cluster: () => Promise<TokenCluster>,
  sent?: (cluster: string, sent: Sent) => void,
): (token: string) => Promise<Looked> {
  const [queue, room] = [createQueue(places), createRoom()];
  return async (token) => {
    try {
      const { settings, transport } = await cluster();
      const { base, address, headers, fetch } = transport;
      const nomad = new NomadClient({
        ...{
          base,
          address,
          headers,
          fetch,
          region: settings.region,
          namespace: "default",
          readOnly: true,
          queue,
          room,
        },
        caller: { current: async () => token },
        measured: sent && ((each) => sent(settings.name, oneOfMany(each))),
      });
      return read(await nomad.bounded(patience, () => {}).get(acl.self));
    } catch (error) {
      return faultOf(error);
    }
  };
}

function read({ AccessorID: accessor, Name, Type, Policies, Roles, ExpirationTime }: AclToken): Looked {
  if (accessor === "acls-disabled") return { fault: "no ACLs" };
  if (accessor === "anonymous" || accessor === "") return { fault: "anonymous" };
  const self: TokenSelf = {
    ...{ accessor, name: Name, isManagement: Type !== "client", expires: fromGoTime(ExpirationTime) },
    grants: [...(Policies ?? []), ...(Roles ?? []).map((role) => role.Name)],
  };
  return { self };
}

/**
 * An unknown token is "ACL token not found" or, in Nomad 2.0, "Permission denied", which elsewhere means that a token may not. The socket
 * in a task has words of its own, the same for an expired token and for a cluster in trouble (operator-observed.md §8).
 */
function faultOf(error: unknown): Looked {
  if (error instanceof NomadError) {
    const { reply, status, request } = error;
    if (request.address.startsWith("unix:")) {
      if (status === 403 && reply === "Forbidden") return { fault: "unknown" };
      if (reply.includes("Server error authenticating request")) return { fault: "unclear", why: reply };
    }
    if (reply.includes("ACL token expired")) return { fault: "expired" };
    if (reply.includes("ACL support disabled")) return { fault: "no ACLs" };
    if (/ACL token not found|failed to parse signed token/.test(reply)) return { fault: "unknown" };
    if (status === 403 && reply.includes("Permission denied")) return { fault: "unknown" };
  }
  const isKnown = error instanceof NomadError || error instanceof Refusal;
  return { fault: "unavailable", why: isKnown ? explain(error).replaceAll("\n", " ") : String(error) };
}
