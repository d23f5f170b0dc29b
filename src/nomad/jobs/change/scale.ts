import { NomadError } from "../../../api/errors/errors.ts";
import { Refusal } from "../../../api/errors/refusal.ts";
import { literal } from "../../../api/request/path.ts";
import { deployments } from "../../../endpoints/deployments.ts";
import type { Job, TaskGroup } from "../../../endpoints/job.ts";
import { type JobChange, jobs } from "../../../endpoints/jobs.ts";
import type { NomadClient } from "../../../nomad-client.ts";
import { grouped, lines, short, some } from "../../../text/words.ts";
import { decideSteps, isActive, unpromoted } from "../../deployments/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { warningLines } from "../file/refused.ts";
import type { Registered } from "../file/register.ts";
import { isParent } from "../health/job-state.ts";

/** How many allocations a group of a job is to have. */
export interface Scale {
  readonly job: Job;
  readonly group: TaskGroup;
  readonly count: number;
}

const unchanged = "Nothing was changed.";

/**
 * The group that is meant, if Nomad would take the count for it.
 *
 * @throws Refusal where the group is not named and there are several, there is none of that name, or the count is out of
 * its bounds.
 */
export function planScale(job: Job, name: string | undefined, count: number): Scale {
  const groups = job.TaskGroups ?? [];
  const [only, ...others] = groups;
  const group = name === undefined && others.length === 0 ? only : groups.find((each) => each.Name === name);
  if (group === undefined) {
    const has = some(
      groups.map(({ Name, Count }) => `${Name} (count ${Count})`),
      20,
    );
    throw new Refusal(
      name === undefined
        ? `${job.ID} has ${groups.length} groups, ${has}: say which with group=. ${unchanged}`
        : `${job.ID} has no group ${name}: it has ${has}. ${unchanged}`,
    );
  }
  refuseKind(job, count);
  refuseBounds(job, group, count);
  return { job, group, count };
}

function refuseKind({ ID, Type }: Job, count: number): void {
  if (Type === "sysbatch") {
    throw new Refusal(
      `${ID} is a sysbatch job: it runs once on every node that fits, whatever its count. ${unchanged}`,
    );
  }
  if (Type === "system" && count > 1) {
    throw new Refusal(
      `${ID} is a system job: it runs once on every node that fits, so its count is 1, or 0 for none. ${unchanged}`,
    );
  }
}

/** Nomad holds a count to the bounds of the scaling block even where that is disabled. */
function refuseBounds({ ID }: Job, { Name, Scaling }: TaskGroup, count: number): void {
  if (!Scaling || (count >= Scaling.Min && count <= Scaling.Max)) return;
  const bounds = `${grouped(Scaling.Min)} to ${grouped(Scaling.Max)}`;
  throw new Refusal(
    `The scaling block of group ${Name} of ${ID} allows ${bounds}, not ${grouped(count)}: other bounds need a changed job file. ${unchanged}`,
  );
}

/**
 * Gives a group another count, only if nobody changed the job since it was looked at. What it gives is told by
 * tellRegistered.
 *
 * @throws Refusal where somebody did, where a deployment goes on, or where the cluster allows no such count.
 */
export async function scale(nomad: NomadClient, planned: Scale): Promise<Registered> {
  const { job, group, count } = planned;
  const change = await send(nomad, planned);
  const start = toolOrCommand(nomad, ["start_job", { job_id: job.ID }], ["job start", job.ID]);
  const notes = [
    ...(group.Scaling?.Enabled
      ? ["Its scaling block is enabled: an autoscaler that heeds it may change the count again."]
      : []),
    ...(job.Stop ? [`It is stopped and stays so: ${start} starts it with this count.`] : []),
    ...(isParent(job) ? ["Jobs that it starts from now on have this count; those that run keep theirs."] : []),
  ];
  return {
    evaluationId: change.EvalID,
    done: `scaled: group ${group.Name} ${grouped(group.Count)} -> ${grouped(count)}, now version ${job.Version + 1}`,
    notes: [...notes, ...warningLines(change.Warnings)],
  };
}

async function send(nomad: NomadClient, { job, group, count }: Scale): Promise<JobChange> {
  const body = {
    Target: { Job: job.ID, Group: group.Name },
    Count: count,
    Message: "submitted using nomad-mcp",
    JobModifyIndex: job.JobModifyIndex,
  };
  try {
    return await nomad.write(jobs.scale, { job_id: job.ID }, body);
  } catch (error) {
    if (!(error instanceof NomadError)) throw error;
    if (error.kind === "conflict") {
      throw new Refusal(`Somebody else changed ${job.ID} at this very moment. Nothing was scaled: call again.`);
    }
    if (error.reply.includes("active deployment")) throw await deploying(nomad, job);
    if (error.reply.includes("job_max_count"))
      throw new Refusal(`The cluster does not allow it: ${error.reply}. ${unchanged}`);
    throw error;
  }
}

/** Nomad scales nothing while a deployment goes on: which one, how far it is, and how it can be ended. */
async function deploying(nomad: NomadClient, job: Job): Promise<Refusal> {
  const query = { filter: `JobID == ${literal(job.ID)}`, reverse: true, per_page: 3 };
  const { items } = await nomad.list(deployments.list, query);
  const active = items.find((each) => each.JobCreateIndex === job.CreateIndex && isActive(each));
  const why = `Nomad scales nothing while a deployment goes on`;
  const status = toolOrCommand(nomad, ["get_job_status", { job_id: job.ID }], ["job status", job.ID]);
  if (active === undefined) return new Refusal(`${why}, and one of ${job.ID} just did. ${unchanged}\nNext: call again`);
  const groups = Object.entries(active.TaskGroups ?? {});
  const healthy = groups.map(
    ([name, { HealthyAllocs, DesiredTotal }]) =>
      `${name} ${Math.min(HealthyAllocs, DesiredTotal)} of ${DesiredTotal} healthy`,
  );
  const [promote, fail] = decideSteps(nomad, active, "promote");
  const end = unpromoted(active).length > 0 ? promote : fail;
  return new Refusal(
    lines(
      `${why}: ${short(active.ID)} of version ${active.JobVersion} of ${job.ID} is ${active.Status} (${some(healthy, 5)}). ${unchanged}`,
      `Next: ${status} says how it ends, then call again; or ${end} ends it`,
    ),
  );
}
