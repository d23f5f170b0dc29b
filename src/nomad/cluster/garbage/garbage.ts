import { Refusal } from "../../../api/errors/refusal.ts";
import { evaluations } from "../../../endpoints/evaluations.ts";
import { type JobStub, jobs } from "../../../endpoints/jobs.ts";
import { type NodeStub, nodes } from "../../../endpoints/nodes.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { unchanged } from "../../shared/exact-id.ts";
import { given, part } from "../../shared/parts.ts";

/** What a collection would delete, as far as lists tell. */
export interface Garbage {
  /** Dead jobs of all namespaces: those that were stopped, and batch work that has ended. */
  readonly jobs: readonly JobStub[];
  readonly moreJobs: boolean;
  /** Nodes that are down. */
  readonly nodes: readonly NodeStub[];
  readonly moreNodes: boolean;
  /** How many evaluations are over. */
  readonly evaluations: number | undefined;
}

/** Dead jobs that are read, of 0.6 KB each, and nodes that are down. */
const most = 200;
/** What Nomad deletes of jobs (jobIsGCable in nomad/state/schema.go): not a service that failed and that nobody has stopped. */
export const deadJobs = 'Status == "dead" and (Stop == true or Type == "batch" or Type == "sysbatch")';
const over = 'Status == "complete" or Status == "failed" or Status == "canceled"';

/**
 * Looks what there is to collect: three requests, whatever the size of the cluster.
 *
 * @throws Refusal where the operator lets this server touch some namespaces only: a collection is of all.
 */
export async function readGarbage(nomad: NomadClient, signal: AbortSignal): Promise<Garbage> {
  if (nomad.isLimited) {
    throw new Refusal(
      `Garbage is collected in all namespaces at once, and this server may touch only some. ${unchanged}`,
    );
  }
  const everywhere = nomad.in("*");
  const [down, count] = await Promise.all([
    nomad.list(nodes.list, { filter: 'Status == "down"', per_page: most }),
    part(signal, everywhere.get(evaluations.count, { filter: over })),
  ]);
  // Read last: a collection that is sent upon this comes right behind it.
  const dead = await everywhere.list(jobs.list, { filter: deadJobs, per_page: most });
  return {
    ...{ jobs: dead.items, moreJobs: dead.next !== undefined },
    ...{ nodes: down.items, moreNodes: down.next !== undefined },
    evaluations: given(count)?.Count,
  };
}

/** Those of `before` that are still among `now`. */
export function stillThere(before: readonly JobStub[], now: readonly JobStub[]): JobStub[] {
  const key = ({ Namespace, ID }: JobStub) => JSON.stringify([Namespace, ID]);
  const left = new Set(now.map(key));
  return before.filter((job) => left.has(key(job)));
}
