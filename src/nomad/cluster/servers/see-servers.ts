import { evaluations } from "../../../endpoints/evaluations.ts";
import {
  type AgentMembers,
  type Autopilot,
  operator,
  type RootKey,
  type SchedulerConfig,
} from "../../../endpoints/operator.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { given, type Part, part, requireSome } from "../../shared/parts.ts";
import { readAutopilot, readLeader } from "./read-servers.ts";

/** What the servers say of themselves. Each part may be missing alone, as where the token may not see it. */
export interface SeenServers {
  readonly nomad: NomadClient;
  /** Its address; empty where there is none. */
  readonly leader: Part<string>;
  readonly autopilot: Part<Autopilot>;
  /** Of every region, by gossip. */
  readonly members: Part<AgentMembers>;
  /** The addresses of those that have a say in who leads. */
  readonly peers: Part<readonly string[]>;
  readonly scheduler: Part<SchedulerConfig>;
  /** How many evaluations wait for room, in all namespaces. */
  readonly blocked: Part<number>;
  readonly regions: Part<readonly string[]>;
  readonly keys: Part<readonly RootKey[]>;
}

/**
 * Eight requests in one round, of together less than 10 KB with five servers, however large the cluster is. Where the servers
 * have no leader, two more and 5 s: Nomad holds most reads so long, and they are given up then.
 *
 * @throws NomadError where nothing at all is answered.
 */
export async function seeServers(nomad: NomadClient, signal: AbortSignal): Promise<SeenServers> {
  const leaderless = new AbortController();
  const bounded = nomad.within(leaderless.signal);
  const leading = part(signal, readLeader(nomad)).then((leader) => {
    if (given(leader) === "") leaderless.abort();
    return leader;
  });
  const blockedOnes = { namespace: "*", filter: 'Status == "blocked"' };
  const [leader, autopilot, told, peers, scheduler, blocked, regions, keys] = await Promise.all([
    leading,
    part(signal, readAutopilot(bounded)),
    part(signal, nomad.get(operator.members)),
    // Any server's word will do, and without a leader there is no other.
    part(signal, nomad.get(operator.peers, { stale: true })),
    part(signal, bounded.get(operator.schedulerConfiguration)),
    part(
      signal,
      bounded.get(evaluations.count, blockedOnes).then(({ Count }) => Count),
    ),
    part(signal, nomad.get(operator.regions)),
    part(signal, bounded.get(operator.keys)),
  ]);
  // Gossip finds out whom it has lost while the others wait for a leader.
  const members = given(leader) === "" ? await part(signal, nomad.get(operator.members)) : told;
  requireSome([leader, autopilot, members, peers]);
  return { nomad, leader, autopilot, members, peers, scheduler, blocked, regions, keys };
}
