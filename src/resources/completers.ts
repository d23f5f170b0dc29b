import { allocations } from "../endpoints/allocations.ts";
import { deployments } from "../endpoints/deployments.ts";
import type { Noun } from "../endpoints/endpoint.ts";
import { evaluations } from "../endpoints/evaluations.ts";
import type { Completer, Given } from "../mcp/completions.ts";
import { allocationId } from "../nomad/allocations/find.ts";
import {
  suggestGroups,
  suggestIds,
  suggestJobs,
  suggestNamespaces,
  suggestNodes,
  suggestTasks,
} from "../nomad/shared/suggest.ts";
import type { NomadClient } from "../nomad-client.ts";

/** The cluster that an argument is about, seen from the namespace that has been filled in, else the usual one. */
export type OpenCluster = (given: Given, signal: AbortSignal) => NomadClient;

/** What finds suggestions for each argument of prompts and resources. */
export interface Completers {
  readonly cluster: Completer;
  readonly namespace: Completer;
  readonly job_id: Completer;
  readonly group: Completer;
  readonly allocation_id: Completer;
  readonly task: Completer;
  readonly node_id: Completer;
  readonly deployment_id: Completer;
  readonly evaluation_id: Completer;
  readonly file: Completer;
}

/** `files`: finds the addresses of the job files, where the session has any. */
export function createCompleters(
  open: OpenCluster,
  clusters: readonly string[],
  files: () => Promise<readonly string[]> = async () => [],
): Completers {
  const ids =
    (noun: Noun): Completer =>
    (typed, given, signal) =>
      suggestIds(open(given, signal), noun, typed);
  return {
    cluster: async (typed) => ({ values: clusters.filter((name) => name.startsWith(typed)), more: false }),
    namespace: (typed, given, signal) => suggestNamespaces(open(given, signal), typed),
    job_id: (typed, given, signal) => suggestJobs(open(given, signal), typed),
    group: (typed, given, signal) => suggestGroups(open(given, signal), given.job_id ?? "", typed),
    allocation_id: ids(allocations),
    async task(typed, given, signal) {
      const nomad = open(given, signal);
      return await suggestTasks(nomad, await allocationId(nomad, given.allocation_id ?? ""), typed);
    },
    node_id: (typed, given, signal) => suggestNodes(open(given, signal), typed),
    deployment_id: ids(deployments),
    evaluation_id: ids(evaluations),
    async file(typed) {
      const plain = typed.toLowerCase();
      return { values: (await files()).filter((address) => address.toLowerCase().includes(plain)), more: false };
    },
  };
}
