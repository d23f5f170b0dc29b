import type { AgentMember, Autopilot } from "../../../endpoints/operator.ts";
import { given } from "../../shared/parts.ts";
import type { SeenServers } from "./see-servers.ts";

/** One server, as far as anybody told of it. */
export interface ServerRow {
  /** `server-1.global`, else its address. */
  readonly name: string;
  /** By the gossip of the others, which knows of a loss first: alive, failed, left, leaving. */
  readonly state: string;
  readonly leads: boolean;
  /** Whether it has a say in who leads; undefined where nobody told. */
  readonly votes: boolean | undefined;
  readonly version: string;
  /** What autopilot thinks of it; undefined where it did not say. */
  readonly healthy: boolean | undefined;
  /** A Go duration; empty where nobody told. */
  readonly lastContact: string;
  /** A Go time. */
  readonly stableSince: string;
}

/** The servers of a region, and how many of them may be lost. */
export interface Quorum {
  readonly rows: readonly ServerRow[];
  /** How many have a say; undefined where neither Raft nor autopilot told. */
  readonly voters: number | undefined;
  /** How many of those are alive. */
  readonly alive: number;
  /** How many may be lost before there is no leader; below 0 where there can be none. Undefined where it cannot be told. */
  readonly reserve: number | undefined;
  /** Which answer did not have all that belongs to it. */
  readonly partial: readonly string[];
}

/**
 * Joins what gossip, Raft and autopilot say. None of them is enough: autopilot calls the servers healthy for half a minute
 * after one was lost, then forgets it; only gossip names it, and only Raft says who counts (operator-observed.md §9).
 */
export function quorumOf({ leader, autopilot, members, peers, nomad }: SeenServers): Quorum {
  const told = given(members);
  const region = nomad.region ?? told?.ServerRegion;
  // Gossip reaches the servers of other regions, too, and remembers for a while who has left.
  const here = ({ Tags, Status }: AgentMember) => Tags?.region === region && Status !== "left";
  const own = (told?.Members ?? []).filter(here);
  const judged = given(autopilot)?.Servers ?? [];
  const addresses = given(peers) ?? [];
  const at = new Map<string, { member?: AgentMember; judged?: Judged }>();
  for (const address of addresses) at.set(address, {});
  for (const one of judged) at.set(one.Address, { ...at.get(one.Address), judged: one });
  for (const member of own) at.set(addressOf(member), { ...at.get(addressOf(member)), member });

  const rows = [...at].map(([address, { member, judged: one }]): ServerRow => {
    const counted = addresses.length > 0 ? addresses.includes(address) && one?.Voter !== false : one?.Voter;
    return {
      name: member?.Name ?? one?.Name ?? address,
      state: member?.Status ?? one?.SerfStatus ?? "unknown",
      leads: given(leader) === address,
      votes: counted,
      version: member?.Tags?.build ?? one?.Version ?? "",
      healthy: one?.Healthy,
      lastContact: one?.LastContact ?? "",
      stableSince: one?.StableSince ?? "",
    };
  });
  const voters = rows.filter(({ votes }) => votes);
  const alive = voters.filter(({ state }) => state === "alive").length;
  const states = voters.every(({ state }) => state !== "unknown");
  const needed = Math.floor(voters.length / 2) + 1;
  return {
    rows: rows.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    voters: voters.length > 0 ? voters.length : undefined,
    alive,
    reserve: voters.length > 0 && states ? alive - needed : undefined,
    partial: partialOf(given(autopilot), addresses),
  };
}

type Judged = NonNullable<Autopilot["Servers"]>[number];

/** Where its members say that a server speaks with the others, written as Raft writes it. */
function addressOf({ Tags, Name }: AgentMember): string {
  const host = Tags?.rpc_addr;
  if (host === undefined) return Name;
  return `${host.includes(":") ? `[${host}]` : host}:${Tags?.port ?? ""}`;
}

/** An answer with holes says nothing of what it leaves out. */
function partialOf(autopilot: Autopilot | undefined, peers: readonly string[]): string[] {
  if (autopilot === undefined) return [];
  const servers = autopilot.Servers ?? [];
  if (servers.length === 0) return ["autopilot names no server"];
  const missing = peers.filter((address) => !servers.some(({ Address }) => Address === address)).length;
  return missing > 0 ? [`autopilot names ${servers.length} of ${peers.length} servers`] : [];
}
