import { VERSION } from "../cluster/nodes.ts";
import type { Server } from "../cluster/servers.ts";
import type { Reply } from "../http.ts";
import type { World } from "../world.ts";

const address = ({ port }: Server) => `127.0.0.1:${port}`;
const inRaft = ({ servers }: World) => servers.filter(({ alive }) => alive);
const leads = (server: Server, { servers }: World) => server === servers[0];

/** GET /v1/agent/members: who is there, and who was. */
export function members({ servers }: World): Reply {
  const protocols = { DelegateCur: 4, DelegateMax: 5, DelegateMin: 2, ProtocolCur: 2, ProtocolMax: 5, ProtocolMin: 1 };
  const count = String(servers.length);
  const Members = servers.map(({ ID: id, name, port, alive }) => {
    const tags = { build: VERSION, dc: "dc1", region: "global", role: "nomad", rpc_addr: "127.0.0.1", port: `${port}` };
    const raft = { ...(servers.length === 1 && { bootstrap: "1" }), expect: count, id, raft_vsn: "3" };
    const at = { Addr: "127.0.0.1", Port: port + 1, Status: alive ? "alive" : "failed" };
    return { ...at, ...protocols, Name: `${name}.global`, Tags: { ...tags, ...raft, revision: "", vsn: "1" } };
  });
  return { json: { Members, ServerDC: "dc1", ServerName: "demo-server", ServerRegion: "global" } };
}

/** GET /v1/operator/raft/configuration. */
export function raft(world: World): Reply {
  const Servers = inRaft(world).map((server) => ({
    ...{ ID: server.ID, Address: address(server), Leader: leads(server, world) },
    ...{ Node: `${server.name}.global`, RaftProtocol: "3", Voter: true },
  }));
  return { json: { Index: 0, Servers } };
}

/** GET /v1/status/peers. */
export function peers(world: World): Reply {
  return { json: inRaft(world).map(address) };
}

/** GET /v1/operator/autopilot/health: those that Raft has are well. */
export function autopilot(world: World): Reply {
  const present = inRaft(world);
  const Servers = present.map((server) => ({
    ...{ ID: server.ID, Address: address(server), Name: `${server.name}.global`, SerfStatus: "alive" },
    ...{ Version: VERSION, Leader: leads(server, world), LastContact: leads(server, world) ? "0s" : "7.683424ms" },
    ...{ LastTerm: 2, LastIndex: world.store.index, Healthy: true, Voter: true, StableSince: "2026-11-11T20:00:00Z" },
  }));
  const Voters = present.map(({ ID }) => ID);
  const FailureTolerance = present.length - (Math.floor(present.length / 2) + 1);
  return { json: { FailureTolerance, Healthy: true, Leader: world.servers[0]?.ID, Servers, Voters } };
}
