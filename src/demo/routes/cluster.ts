import { VERSION } from "../cluster/nodes.ts";
import { HttpError } from "../errors.ts";
import { type Call, query, type Reply } from "../http.ts";
import type { World } from "../world.ts";
import { only } from "./lists.ts";

/** GET /v1/namespaces. */
export function namespaces({ store }: World, call: Call): Promise<Reply> {
  only(call, "GET");
  const prefix = call.query.get("prefix") ?? "";
  return query(
    store,
    call,
    (change) => change.table === "namespaces",
    () => ({
      index: store.tables.namespaces,
      reply: { json: [...store.namespaces.values()].filter((one) => one.Name.startsWith(prefix)) },
    }),
  );
}

/** GET /v1/namespace/:name. */
export function namespace({ store }: World, call: Call): Promise<Reply> {
  only(call, "GET");
  const name = call.path.slice("namespace/".length);
  return query(
    store,
    call,
    (change) => change.table === "namespaces",
    () => {
      const found = store.namespaces.get(name);
      const reply = found ? { json: found } : new HttpError(404, "Namespace not found");
      return { index: store.tables.namespaces, reply };
    },
  );
}

/** GET /v1/agent/self: what the agent says of itself, as far as clients ask. */
export function self(): Reply {
  const tags = { build: VERSION, dc: "dc1", region: "global", role: "nomad", port: "4647", vsn: "1" };
  return {
    json: {
      config: {
        ACL: { Enabled: false },
        Datacenter: "dc1",
        DevMode: true,
        NodeName: "demo-server",
        Region: "global",
        Version: { BuildDate: null, Revision: "", Version: VERSION, VersionMetadata: "", VersionPrerelease: "" },
      },
      member: { Addr: "127.0.0.1", Name: "demo-server.global", Port: 4648, Status: "alive", Tags: tags },
      stats: { nomad: { server: "true", leader: "true", leader_addr: "127.0.0.1:4647", known_regions: "1" } },
    },
  };
}

/** GET /v1/agent/health. */
export function health(): Reply {
  const ok = { message: "ok", ok: true };
  return { json: { client: ok, server: ok } };
}
