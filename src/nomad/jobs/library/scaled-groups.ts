import { jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { ifGiven } from "../../shared/parts.ts";
import type { Plan } from "../plan/plan.ts";

/**
 * The groups whose count is not that of the file, and is the one that scaling set last: a count that somebody submitted, or that
 * was changed in the file since, is a difference as every other. One request, where there is such a group.
 */
export async function scaledGroups(nomad: NomadClient, { present, job }: Plan): Promise<ReadonlySet<string>> {
  const scalable = job.TaskGroups.filter(({ Scaling }) => Scaling && Scaling.Enabled !== false);
  const asked = (present?.TaskGroups ?? []).filter(({ Name, Count }) =>
    scalable.some((group) => group.Name === Name && group.Count !== undefined && group.Count !== Count),
  );
  if (present === undefined || asked.length === 0) return new Set();
  const scale = await ifGiven(nomad.get(jobs.scaleStatus, { job_id: present.ID }));
  const set = (group: string) => scale?.TaskGroups?.[group]?.Events?.find((event) => event.Count !== null)?.Count;
  return new Set(asked.filter(({ Name, Count }) => set(Name) === Count).map(({ Name }) => Name));
}
