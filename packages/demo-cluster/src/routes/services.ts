import { notInDemo } from "../errors.ts";
import type { Call, Reply } from "../http.ts";
import type { Service } from "../state/job-types.ts";
import type { Allocation } from "../state/types.ts";
import type { World } from "../world.ts";
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

/** GET /v1/service/:name: what runs and offers it, of Nomad's own provider. */
export function service({ store }: World, call: Call): Reply {
  const [, name = "", more] = call.path.split("/");
  if (more !== undefined || call.query.get("choose")) throw notInDemo(`/v1/${call.path}`);
  only(call, "GET");
  const running = [...store.allocs.values()].filter(
    (alloc) => inNamespace(call)(alloc) && alloc.ClientStatus === "running" && alloc.DesiredStatus === "run",
  );
  return page(call, {
    items: running.flatMap((alloc) =>
      servicesOf(alloc).flatMap(([where, offered]) =>
        offered.Provider === "nomad" && offered.Name === name
          ? [registration(alloc, where, offered, store.nodes.get(alloc.NodeID)?.Datacenter ?? "")]
          : [],
      ),
    ),
    order: (a, b) => (a.ID < b.ID ? -1 : 1),
    token: ({ ID }) => ID,
    stub: (one) => one,
  });
}

/** GET /v1/services: the names of what runs, by namespace. It knows neither filters nor pages. */
export function services({ store }: World, call: Call): Reply {
  only(call, "GET");
  const found = new Map<string, Map<string, Set<string>>>();
  for (const alloc of store.allocs.values()) {
    if (!inNamespace(call)(alloc) || alloc.ClientStatus !== "running" || alloc.DesiredStatus !== "run") continue;
    for (const [, { Name, Provider, Tags }] of servicesOf(alloc)) {
      if (Provider !== "nomad") continue;
      const own = found.get(alloc.Namespace) ?? new Map<string, Set<string>>();
      found.set(alloc.Namespace, own);
      own.set(Name, new Set([...(own.get(Name) ?? []), ...(Tags ?? [])]));
    }
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
