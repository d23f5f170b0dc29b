import { NomadError } from "../../../api/errors/errors.ts";
import { readReply } from "../../../endpoints/endpoint.ts";
import { type AgentMember, type Autopilot, operator } from "../../../endpoints/operator.ts";
import type { NomadClient, Query } from "../../../nomad-client.ts";
import { seal, sealValue, unseal } from "../../../text/sealed.ts";

/** An election takes a second or two; Nomad holds a question for 5 s while there is no leader, ms. */
const election = 5_500;

/**
 * The leader's address; empty where there is none. Needs no permission, and no leader: the server that is asked says whom it
 * knows, and only where it knows none it is waited for.
 */
export async function readLeader(nomad: NomadClient): Promise<string> {
  const known = await askLeader(nomad, { stale: true });
  if (known !== "") return known;
  const held = AbortSignal.timeout(election);
  try {
    return await askLeader(nomad.within(held), {});
  } catch (error) {
    if (held.aborted && error instanceof NomadError) return "";
    throw error;
  }
}

async function askLeader(nomad: NomadClient, query: Query): Promise<string> {
  try {
    const text = await nomad.bytes(operator.leader, query, 1024);
    return seal(text.toString("utf8").replaceAll('"', "").trim());
  } catch (error) {
    if (error instanceof NomadError && error.kind === "no_leader") return "";
    throw error;
  }
}

/** What autopilot thinks of the servers. Where it thinks ill of them, Nomad answers with 429 (nomad-api.md §8.3). */
export async function readAutopilot(nomad: NomadClient): Promise<Autopilot> {
  try {
    return await nomad.get(operator.autopilotHealth);
  } catch (error) {
    const told = error instanceof NomadError && error.kind === "unhealthy" ? objectOf(error.reply) : undefined;
    if (told === undefined) throw error;
    return { Healthy: false, FailureTolerance: 0, Servers: null, ...told };
  }
}

/** A reply that was an error and tells something all the same; undefined where it cannot be read. */
function objectOf(reply: string): Partial<Autopilot> | undefined {
  try {
    return readReply(operator.autopilotHealth, sealValue(JSON.parse(unseal(reply))));
  } catch {
    return undefined;
  }
}

export async function readMembers(nomad: NomadClient): Promise<readonly AgentMember[]> {
  return (await nomad.get(operator.members)).Members ?? [];
}
