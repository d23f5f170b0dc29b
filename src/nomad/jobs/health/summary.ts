import type { GroupSummary, JobStub } from "../../../endpoints/jobs.ts";
import { all, plural } from "../../../text/words.ts";
import type { Wanted } from "./wanted.ts";

/**
 * What one row of `/v1/jobs` tells of a job's state, with what is wanted of it where that was read. Its failures are
 * those since the job was registered, so this is a first look: `get_job_status` decides.
 */
export interface RowState {
  /** In words; never a bare "running" for a job that has nothing running. */
  readonly state: string;
  /** 2: certainly not as asked. 1: has failed before, and may be failing now. 0: nothing to see in this row. */
  readonly trouble: 0 | 1 | 2;
  readonly counts: {
    readonly running: number;
    readonly starting: number;
    readonly queued: number;
    readonly failed: number;
  };
}

/** Judges a row of the list. `wanted`: what is known beyond the row, of services. */
export function rowState(job: JobStub, wanted?: Wanted): RowState {
  const groups = Object.entries(job.JobSummary?.Summary ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  const sum = (count: (group: GroupSummary) => number) => groups.reduce((total, [, group]) => total + count(group), 0);
  const counts = {
    running: sum((group) => group.Running),
    starting: sum((group) => group.Starting),
    queued: sum((group) => group.Queued),
    failed: sum((group) => group.Failed),
  };
  if (job.Stop) return { state: "stopped", trouble: 0, counts };
  if (job.Periodic || job.ParameterizedJob) return { ...parentState(job), counts };
  if (job.Status === "dead") return { ...deadState(job, groups, counts.failed), counts };

  const troubles = groups.flatMap(([name, group]) => {
    const trouble = groupTrouble(group, job.Type === "batch" || job.Type === "sysbatch");
    return trouble ? [groups.length > 1 ? `${name}: ${trouble}` : trouble] : [];
  });
  const deployment = wanted && deploymentState(wanted);
  if (deployment) troubles.push(deployment);
  const short = wanted !== undefined && wanted.running + counts.starting + counts.queued < wanted.count;
  if (short && wanted.deployment === undefined && troubles.length === 0 && counts.running > 0)
    troubles.push("not all running");
  if (troubles.length > 0) return { state: troubles.join("; "), trouble: 2, counts };
  const live = wanted?.deployment === "active" ? "deploying" : "running";
  const state = counts.running > 0 ? live : counts.starting > 0 ? "starting" : nothingYet(job, counts.failed);
  if (counts.failed > 0) return { state: `${state}, has failed before`, trouble: 1, counts };
  return { state, trouble: 0, counts };
}

function deploymentState({ deployment }: Wanted): string | undefined {
  if (deployment === "failed") return "its deployment failed";
  if (deployment === "paused") return "its deployment is paused";
  return deployment === "waits" ? "canaries wait for promotion" : undefined;
}

function nothingYet(job: JobStub, failed: number): string {
  return job.Status === "pending" ? "pending" : failed > 0 ? "nothing running" : "nothing to run";
}

function groupTrouble(group: GroupSummary, finishes: boolean): string | undefined {
  const live = group.Running + group.Starting;
  const troubles = [
    group.Queued > 0 && (live === 0 ? "not placed" : `${group.Queued} not placed`),
    (group.Unknown ?? 0) > 0 && `${group.Unknown} on disconnected nodes`,
    group.Queued === 0 &&
      live === 0 &&
      group.Failed > 0 &&
      !(finishes && group.Complete > 0) &&
      "nothing running, all failed",
    group.Running === 0 && group.Starting > 0 && group.Failed > 0 && "starting again after failures",
  ];
  return troubles.filter((each) => each !== false).join(", ") || undefined;
}

function deadState(job: JobStub, groups: [string, GroupSummary][], failed: number): Omit<RowState, "counts"> {
  const batch = job.Type === "batch" || job.Type === "sysbatch";
  const lost = groups.reduce((total, [, group]) => total + group.Lost, 0);
  const ended = groups.reduce((total, [, group]) => total + group.Complete, 0) + failed + lost;
  if (ended === 0) return { state: "nothing to run", trouble: 0 };
  const unfinished = groups.filter(([, group]) => group.Complete === 0 && group.Failed + group.Lost > 0);
  if (!batch) {
    if (failed + lost === 0) return { state: "nothing to run", trouble: 0 };
    return { state: failed > 0 ? "dead, all failed" : "dead, lost with its node", trouble: 2 };
  }
  // What failed may have been made good by a later attempt, or be missing: the row has no wanted count.
  if (unfinished.length === 0)
    return { state: failed > 0 ? "finished, has failed before" : "finished", trouble: failed > 0 ? 1 : 0 };
  const names = groups.length > 1 ? ` (${all(unfinished.map(([name]) => name))})` : "";
  return { state: `failed${names}`, trouble: 2 };
}

function parentState(job: JobStub): Omit<RowState, "counts"> {
  const children = job.JobSummary?.Children;
  const kind = job.Periodic ? "periodic" : "parameterized";
  const counted = [
    children?.Running ? `${children.Running} running` : "",
    children?.Pending ? `${children.Pending} pending` : "",
    children?.Dead ? `${children.Dead} ended` : "",
  ].filter(Boolean);
  const started = plural(
    (children?.Running ?? 0) + (children?.Pending ?? 0) + (children?.Dead ?? 0),
    "child",
    "children",
  );
  return {
    state: counted.length > 0 ? `${kind}, ${started}: ${counted.join(", ")}` : `${kind}, no children kept`,
    trouble: 0,
  };
}
