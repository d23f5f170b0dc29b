import type { JobPlan } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import type { AskingJob } from "../../evaluations/placement/asking.ts";
import { explainAll, type Placement } from "../../evaluations/placement/placement.ts";
import { surroundings } from "../../evaluations/placement/surroundings.ts";
import type { TypedJob } from "../file/typed-job.ts";

/** Why what a plan could not place fits nowhere now, by group; empty where all of it fits. */
export async function unplaced(nomad: NomadClient, job: TypedJob, reply: JobPlan): Promise<Placement[]> {
  const failed = reply.FailedTGAllocs ?? {};
  if (Object.keys(failed).length === 0) return [];
  const asked = { ...asking(job), Namespace: nomad.namespace };
  return explainAll(asked, failed, await surroundings(nomad, asked, failed));
}

/** The job with what Nomad takes where it says nothing (api/resources.go, DefaultResources). */
function asking({ Datacenters, TaskGroups, ...job }: TypedJob): AskingJob {
  return {
    ...job,
    Datacenters: Datacenters.length > 0 ? Datacenters : ["*"],
    TaskGroups: TaskGroups.map((group) => ({
      ...group,
      EphemeralDisk: group.EphemeralDisk ?? null,
      Tasks: group.Tasks.map(({ Resources, ...task }) => ({
        ...task,
        Resources: {
          CPU: Resources?.CPU ?? (Resources?.Cores ? 0 : 100),
          MemoryMB: Resources?.MemoryMB ?? 300,
          Devices: Resources?.Devices ?? [],
          NUMA: Resources?.NUMA ?? null,
        },
      })),
    })),
  };
}
