import type { Transport } from "./api/connect/connection.ts";
import type { CallerToken, Sent } from "./api/request/connection.ts";
import { namespaceGate } from "./api/request/gate.ts";
import { oneOfMany } from "./api/request/one-of-many.ts";
import { createQueue, type Queue } from "./api/request/queue.ts";
import { createRoom, type Room } from "./api/request/room.ts";
import type { Cluster } from "./cluster.ts";
import { NomadClient } from "./nomad-client.ts";
import type { Secrets } from "./secrets/secrets.ts";

/** What all callers of a process share: the places for requests, and the memory that replies may take. */
export interface Shared {
  readonly room: Room;
  /** The places for requests to one cluster. */
  queue(transport: Transport): Queue;
  /** Aborts when the process is to end: what waits is answered with how things are. */
  readonly hurry?: AbortSignal;
  readonly meter?: RequestMeter | undefined;
}

/** Told of the requests to each cluster, by its name. */
export interface RequestMeter {
  /** The places of its requests: how many are under way and how many wait for one. */
  watch(cluster: string, queue: Pick<Queue, "held" | "queued">): void;
  sent(cluster: string, sent: Sent): void;
}

export function createShared(hurry?: AbortSignal, meter?: RequestMeter): Shared {
  const queues = new WeakMap<Transport, Queue>();
  return {
    room: createRoom(),
    queue(transport) {
      const queue = queues.get(transport) ?? createQueue();
      queues.set(transport, queue);
      return queue;
    },
    ...(hurry && { hurry }),
    meter,
  };
}

/** Whose clients these are. */
export interface ClientsOptions {
  /** The name of the cluster of calls that name none. */
  readonly first: string;
  /** What passes the clients is noted here. */
  readonly secrets: Secrets;
  readonly shared?: Shared;
  /** Who calls, on a server of many. */
  readonly principal?: string | undefined;
  /** The Nomad token of whoever calls at a cluster, where it is one of theirs; then the server's own is not sent. */
  readonly caller?: ((cluster: Cluster) => CallerToken | undefined) | undefined;
}

/** The clients of a caller's clusters, each made once. */
export function createClients({
  first,
  secrets,
  shared = createShared(),
  principal,
  caller: callerAt,
}: ClientsOptions): (cluster: Cluster) => NomadClient {
  const made = new WeakMap<Cluster, NomadClient>();

  function make(cluster: Cluster): NomadClient {
    const { settings, transport, token } = cluster;
    const { name, settingName, namespace, namespaces, region, readOnly } = settings;
    const { base, address, headers } = transport;
    const { meter } = shared;
    const queue = shared.queue(transport);
    meter?.watch(name, queue);
    const own = () => {
      const now = token();
      secrets.always(now);
      secrets.always(headers.Authorization);
      return now;
    };
    own();
    const caller = callerAt?.(cluster);
    return new NomadClient({
      ...{ base, address, headers, namespace, region, readOnly, settingName },
      ...(name !== first && { cluster: name }),
      ...(caller === undefined ? { token: own } : { caller: masked(caller, own, secrets) }),
      gate: namespaces && namespaceGate(namespaces, settingName("namespaces")),
      queue,
      measured: meter && ((sent) => meter.sent(name, caller ? oneOfMany(sent) : sent)),
      room: shared.room,
      principal,
      hurry: shared.hurry,
      note: secrets.note,
      noteInTurns: secrets.noteInTurns,
      fetch: transport.fetch,
      dial: transport.dial,
    });
  }

  return (cluster) => {
    const nomad = made.get(cluster) ?? make(cluster);
    made.set(cluster, nomad);
    return nomad;
  };
}

/** A caller's token whose values are secret from when they are known; `own` makes the server's so, with each of them. */
function masked(caller: CallerToken, own: () => void, { always }: Secrets): CallerToken {
  const known = <T extends string | undefined>(token: T): T => {
    own();
    always(token);
    return token;
  };
  return {
    current: async (signal) => known(await caller.current(signal)),
    ...(caller.renewed && { renewed: async (...args) => known(await caller.renewed?.(...args)) }),
  };
}
