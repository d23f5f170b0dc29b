import { HttpError, notInDemo, serverError } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import type { Service } from "../state/job-types.ts";
import { jobKey, type Store } from "../state/store.ts";
import type { Allocation } from "../state/types.ts";
import type { World } from "../world.ts";
import type { JobRoute } from "./job-route.ts";
import { inNamespace, only, page } from "./lists.ts";

interface Registration {
  ID: string;
  ServiceName: string;
  Namespace: string;
  NodeID: string;
  Datacenter: string;
  JobID: string;
  AllocID: string;
  Tags: string[];
  Address: string;
  Port: number;
  CreateIndex: number;
  ModifyIndex: number;
}

/** Registrations that somebody has deleted, by their ids: a client does not make them again. */
const deleted = new WeakMap<Store, Set<string>>();

/** What runs, or whose client is out of contact, is among those asked about, and offers a service of Nomad's own provider. */
function registered(store: Store, among: (alloc: Allocation) => boolean): Registration[] {
  const running = [...store.allocs.values()].filter(
    (alloc) =>
      among(alloc) &&
      (alloc.ClientStatus === "unknown" || (alloc.ClientStatus === "running" && alloc.DesiredStatus === "run")),
  );
  const gone = deleted.get(store);
  const all = running.flatMap((alloc) => {
    const dc = store.nodes.get(alloc.NodeID)?.Datacenter ?? "";
    const offered = servicesOf(alloc).filter(([, { Provider }]) => Provider === "nomad");
    return offered.map(([where, each]) => registration(alloc, where, each, dc));
  });
  return all.filter(({ ID }) => !gone?.has(ID));
}

function list(call: Call, items: readonly Registration[]): Reply {
  const byId = (a: Registration, b: Registration) => (a.ID < b.ID ? -1 : 1);
  return page(call, { items, order: byId, token: ({ ID }) => ID, stub: (one) => one });
}

function remove({ store }: World, call: Call, id: string): Reply {
  const found = registered(store, ({ Namespace }) => Namespace === call.namespace).find(({ ID }) => ID === id);
  if (found === undefined) throw serverError("service registration not found");
  deleted.set(store, (deleted.get(store) ?? new Set<string>()).add(id));
  return { index: store.index };
}

/** /v1/service/:name: what runs and offers it in one namespace, in all of them nothing; with an id behind it one is deleted. */
export function service(world: World, call: Call): Reply {
  const { store } = world;
  const [, name = "", id, more] = call.path.split("/");
  if (call.method === "DELETE" && id !== undefined && more === undefined) return remove(world, call, id);
  if (id !== undefined || call.query.get("choose")) throw notInDemo(`/v1/${call.path}`);
  only(call, "GET");
  return list(
    call,
    registered(store, ({ Namespace }) => Namespace === call.namespace).filter(
      ({ ServiceName }) => ServiceName === name,
    ),
  );
}

/** GET /v1/allocation/:id/services. */
export function allocationServices({ store }: World, call: Call, id: string): Reply {
  only(call, "GET");
  if (!store.allocs.has(id)) throw new HttpError(404, "allocation not found");
  const json = registered(store, ({ ID }) => ID === id);
  return { json, index: store.tables.allocs, meta: true };
}

/** GET /v1/job/:id/services. */
export const jobServices: JobRoute = ({ store }, call, id) => {
  only(call, "GET");
  const key = jobKey(call.namespace, id);
  if (!store.jobs.has(key)) throw new HttpError(404, "job not found");
  const reply = list(
    call,
    registered(store, ({ Namespace, JobID }) => jobKey(Namespace, JobID) === key),
  );
  return { ...reply, index: store.tables.allocs, meta: true };
};

/** GET /v1/services: the names of what runs, by namespace. It knows neither filters nor pages. */
export function services({ store }: World, call: Call): Reply {
  only(call, "GET");
  const found = new Map<string, Map<string, Set<string>>>();
  for (const { Namespace, ServiceName, Tags } of registered(store, inNamespace(call))) {
    const own = found.get(Namespace) ?? new Map<string, Set<string>>();
    found.set(Namespace, own.set(ServiceName, new Set([...(own.get(ServiceName) ?? []), ...Tags])));
  }
  const json = [...found].map(([Namespace, own]) => ({
    Namespace,
    Services: [...own].map(([ServiceName, tags]) => ({ ServiceName, Tags: [...tags] })),
  }));
  return { json, index: store.tables.allocs, meta: true };
}

/** The services of an allocation's group, each with who offers it. */
function servicesOf(alloc: Allocation): [where: string, service: Service][] {
  const group = alloc.Job.TaskGroups.find(({ Name }) => Name === alloc.TaskGroup);
  return [
    ...(group?.Services ?? []).map((each): [string, Service] => [`group-${alloc.TaskGroup}`, each]),
    ...(group?.Tasks ?? []).flatMap(({ Name, Services }) =>
      (Services ?? []).map((each): [string, Service] => [Name, each]),
    ),
  ];
}

function registration(alloc: Allocation, where: string, { Name, PortLabel, Tags }: Service, dc: string): Registration {
  const port = alloc.AllocatedResources.Shared.Ports?.find(({ Label }) => Label === PortLabel);
  return {
    ID: `_nomad-task-${alloc.ID}-${where}-${Name}-${PortLabel}`,
    ...{ ServiceName: Name, Namespace: alloc.Namespace, NodeID: alloc.NodeID, Datacenter: dc },
    ...{ JobID: alloc.JobID, AllocID: alloc.ID, Tags: Tags ?? [] },
    ...{ Address: port?.HostIP ?? "", Port: port?.Value ?? 0 },
    ...{ CreateIndex: alloc.CreateIndex, ModifyIndex: alloc.ModifyIndex },
  };
}
