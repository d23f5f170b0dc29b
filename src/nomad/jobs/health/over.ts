import type { AllocationStub } from "../../../endpoints/allocations.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../../../text/time.ts";
import { plural } from "../../../text/words.ts";
import { allocationTroubles } from "../../allocations/trouble.ts";
import type { Trouble } from "../../allocations/trouble-kinds.ts";
import { called } from "../../allocations/words.ts";
import { toolOrCommand } from "../../shared/next-step.ts";
import { anotherRun } from "../runs.ts";
import { evidenceFor } from "./evidence.ts";
import { finishes, type JobState } from "./job-state.ts";
import type { Cause, Decision, Verdict, View } from "./verdict.ts";

/** An evaluation is kept for an hour and more: what has none, and had time for one, had it. */
export function isForgotten({ nomad, job, latest, evaluations }: JobState): boolean {
  const submitted = fromNanoseconds(job.SubmitTime) ?? nomad.now();
  const old = job.Status === "dead" || nomad.now() - submitted > 600_000;
  return old && latest.length === 0 && evaluations.length === 0;
}

/** A job of which Nomad has collected what told of it: only its counts are left. */
export function forgotten({ state, version }: View): Decision {
  const groups = Object.values(state.summary?.Summary ?? {});
  const sum = (count: (group: (typeof groups)[number]) => number) =>
    groups.reduce((total, group) => total + count(group), 0);
  const [failed, complete] = [sum((group) => group.Failed + group.Lost), sum((group) => group.Complete)];
  const ended = [failed > 0 ? `${failed} failed` : "", complete > 0 ? `${complete} ended well` : ""].filter(Boolean);
  const known = ended.length > 0 ? `; since it was registered ${ended.join(" and ")}` : "";
  const more = `why is gone: Nomad has deleted its allocations and evaluations${known}`;
  if (finishes(state.job) && failed === 0) {
    return { condition: "complete", settled: true, detail: `${complete} finished`, version };
  }
  const condition = state.job.Status !== "dead" ? "not placed" : finishes(state.job) ? "failed" : "dead";
  // Seen on a real agent: with the failed allocation gone, an evaluation places it anew, or tells again why not.
  const id = state.job.ID;
  const next = [toolOrCommand(state.nomad, ["force_evaluate_job", { job_id: id }], ["job eval", id])];
  return { condition, settled: true, detail: "nothing of it runs", more, version, next };
}

/** A job that was stopped: whether it has ended, and what went wrong with that. */
export async function stopped(state: JobState): Promise<Verdict> {
  const { nomad, job } = state;
  const groups = Object.values(state.summary?.Summary ?? {});
  const live = groups.reduce((total, group) => total + group.Running + group.Starting, 0);
  if (live > 0) {
    const detail = `${plural(live, "allocation")} still shut down`;
    return { condition: "stopping", settled: false, detail, causes: shuttingDown(state), next: [] };
  }
  // Stopping a job submits it anew, as a version that is stopped.
  const at = fromNanoseconds(job.SubmitTime);
  const children = (state.summary?.Children?.Running ?? 0) + (state.summary?.Children?.Pending ?? 0);
  const more = children > 0 ? `${plural(children, "child goes", "children go")} on running` : undefined;
  const causes = at === undefined ? [] : await evidenceFor(state, failedAtTheEnd(state, at));
  const logs = toolOrCommand(nomad, ["get_job_logs", { job_id: job.ID }], ["alloc logs", "-job", job.ID]);
  const start =
    job.ParentID === ""
      ? toolOrCommand(nomad, ["start_job", { job_id: job.ID }], ["job start", job.ID])
      : `to run it again: ${anotherRun(nomad, job)}`;
  return {
    condition: "stopped",
    settled: true,
    state: `stopped${at ? ` ${ago(at, nomad.now())}` : ""}`,
    detail: "nothing of it runs",
    more,
    causes,
    next: [...(causes.some(({ stream }) => stream !== undefined) ? [logs] : []), start],
  };
}

/** What failed after the job was stopped: a poststop task, or what was to end well. */
function failedAtTheEnd(state: JobState, stoppedAt: number): Trouble[] {
  const failed = allocationTroubles(state).filter(({ at }) => at !== undefined && at >= stoppedAt);
  // It is over, and it is what is to be known of the end.
  return failed.map((trouble) => ({ ...trouble, present: true, outlook: undefined }));
}

/** A task that is asked to end has this long, in ms, before it is worth a word. */
const patience = 30_000;

/** Which tasks keep a stopped job from its end, where that takes long. */
function shuttingDown({ job, nomad, latest }: JobState): Cause[] {
  const now = nomad.now();
  const since = now - (fromNanoseconds(job.SubmitTime) ?? now);
  const slow = latest.filter(({ ClientStatus }) => ClientStatus === "running" && since > patience);
  return slow.slice(0, 2).flatMap((allocation) => runningTasks(allocation, now));
}

function runningTasks(allocation: AllocationStub, now: number): Cause[] {
  const tasks = Object.entries(allocation.TaskStates ?? {}).filter(([, { State }]) => State === "running");
  return tasks.map(([task, { StartedAt }]) => {
    const runs = span(now - (fromGoTime(StartedAt) ?? now));
    return {
      sentence: `${called(allocation)}: task ${task} has been running for ${runs}`,
      evidence: [],
      allocation,
      task,
    };
  });
}
