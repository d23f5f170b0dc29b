import type { JobPlan } from "../../endpoints/jobs.ts";
import type { NomadClient } from "../../nomad-client.ts";
import { type AskingJob, explainAll, type Placement } from "../health/placement.ts";
import { nodesFor } from "../health/placement-nodes.ts";
import type { TypedJob } from "../job-file/typed-job.ts";

/** Why what a plan could not place fits nowhere now, by group; empty where all of it fits. */
export async function unplaced(nomad: NomadClient, job: TypedJob, reply: JobPlan): Promise<Placement[]> {
  const failed = reply.FailedTGAllocs ?? {};
  if (Object.keys(failed).length === 0) return [];
  return explainAll(asking(job), failed, await nodesFor(nomad, failed));
}

/** The job with what Nomad takes where it says nothing (api/resources.go, DefaultResources). */
function asking({ Datacenters, NodePool, TaskGroups }: TypedJob): AskingJob {
  return {
    Datacenters: Datacenters.length > 0 ? Datacenters : ["*"],
    NodePool,
    TaskGroups: TaskGroups.map((group) => ({
      ...group,
      EphemeralDisk: group.EphemeralDisk ?? null,
      Tasks: group.Tasks.map(({ Resources, ...task }) => ({
        ...task,
        Resources: {
          CPU: Resources?.CPU ?? (Resources?.Cores ? 0 : 100),
          MemoryMB: Resources?.MemoryMB ?? 300,
          Devices: Resources?.Devices ?? [],
        },
      })),
    })),
  };
}
