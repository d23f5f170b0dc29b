import { literal } from "../../api/request/path.ts";
import { type AllocationStub, allocations } from "../../endpoints/allocations.ts";
import { type Deployment, deployments } from "../../endpoints/deployments.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { failingChecksOf } from "../services/failing-checks.ts";
import { orOtherKind } from "../shared/other-kind.ts";
import { given, part } from "../shared/parts.ts";
import { healthCounts, isActive, unpromoted } from "./words.ts";

/** A deployment, and what of it is not well. */
export interface SeenDeployment {
  readonly deployment: Deployment;
  /** Its allocations that failed or are unhealthy, newest first; empty where its counts tell of none. */
  readonly unhealthy: readonly AllocationStub[];
  /** The checks that fail of the first of them that runs, a sentence each. */
  readonly checks: readonly string[];
  /** Its canaries that are not promoted, while it goes on. */
  readonly canaries: readonly AllocationStub[];
}

/** With their task states rows are 7 KB and more. */
const mostAllocations = 30;

/** Reads a deployment by its full id, wherever it is; where it has unhealthy allocations or canaries, these, with one more request. */
export async function seeDeployment(nomad: NomadClient, id: string, signal: AbortSignal): Promise<SeenDeployment> {
  const deployment = await orOtherKind(nomad, id, "deployment", nomad.get(deployments.get, { deployment_id: id }));
  const tried = isActive(deployment)
    ? unpromoted(deployment).flatMap(([, { PlacedCanaries }]) => PlacedCanaries ?? [])
    : [];
  if (healthCounts(deployment).unhealthy === 0 && tried.length === 0)
    return { deployment, unhealthy: [], checks: [], canaries: [] };
  const query = { filter: `DeploymentID == ${literal(deployment.ID)}`, reverse: true, per_page: mostAllocations };
  const page = given(await part(signal, nomad.in(deployment.Namespace).list(allocations.list, query)));
  const found = page?.items ?? [];
  const unhealthy = found.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy === false);
  const canaries = found.filter((each) => tried.includes(each.ID) && !unhealthy.includes(each));
  const [first] = unhealthy.filter(({ ClientStatus }) => ClientStatus === "running");
  const place = nomad.in(deployment.Namespace);
  const failing = first && given(await part(signal, failingChecksOf(place, first)));
  return { deployment, unhealthy, checks: (failing ?? []).map(({ sentence }) => sentence), canaries };
}
