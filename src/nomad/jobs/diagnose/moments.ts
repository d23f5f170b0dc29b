import type { AllocationStub, TaskState } from "../../../endpoints/allocations.ts";
import type { Deployment } from "../../../endpoints/deployments.ts";
import type { Evaluation } from "../../../endpoints/evaluations.ts";
import type { Job } from "../../../endpoints/job.ts";
import type { Node } from "../../../endpoints/nodes.ts";
import { fromGoTime, fromNanoseconds } from "../../../text/time.ts";
import { beginning, quotedLine } from "../../../text/untrusted.ts";
import { isRestartOrder } from "../../allocations/orders.ts";
import { taskFailures } from "../../allocations/task-trouble.ts";
import { shortName } from "../../allocations/words.ts";
import { rolledBackTo } from "../../deployments/words.ts";
import { explainPlacement } from "../../evaluations/placement/placement.ts";
import { type JobState, withTasks } from "../health/job-state.ts";

/** So far back the last hour goes, in ms. */
export const lastHour = 3_600_000;

/** One thing that happened to a job. */
export type Moment =
  /** Something that divides the time: a version, a deployment, a node. */
  | { readonly at: number; readonly kind: "landmark"; readonly text: string }
  /** Something that happens again and again to what `subject` says, and is told once with its count. */
  | {
      readonly at: number;
      readonly kind: "failure" | "restart" | "reschedule" | "note";
      readonly subject: string;
      /** The allocation, as `api[0]`. */
      readonly who: string;
      /** Empty for restarts, reschedules and what is not known. */
      readonly what: string;
      /** How often, where one moment stands for several. */
      readonly count?: number;
    };

/** A description of what failed is told in full as the cause; here its beginning will do. */
const longestWhat = 60;

/** Everything that the state, the versions and the nodes tell of, unordered. Times are ms. */
export function momentsOf(state: JobState, versions: readonly Job[], nodes: readonly Node[]): Moment[] {
  return [
    // First, so that they stand before what they caused at once.
    ...versions.flatMap((version, index) => versionMoments(version, versions[index + 1])),
    ...state.deployments.flatMap((deployment, index) => deploymentMoments(deployment, state.deployments[index + 1])),
    ...state.evaluations.flatMap((evaluation) => evaluationMoments(evaluation, state)),
    ...withTasks(state).flatMap((allocation) => allocationMoments(allocation, state.nomad.now())),
    ...reschedules(withTasks(state)),
    ...nodes.flatMap((node) => nodeMoments(node)),
  ];
}

function versionMoments({ Version, SubmitTime, Stop, ParentID }: Job, before: Job | undefined): Moment[] {
  const at = fromNanoseconds(SubmitTime);
  // A rollback keeps the time of the version that it brings back: its deployment tells when it was.
  if (at === undefined || (before !== undefined && SubmitTime <= before.SubmitTime)) return [];
  if (Stop) return [landmark(at, "the job was stopped")];
  if (ParentID !== "") return [landmark(at, "the run began")];
  return [landmark(at, `version ${Version} submitted${before?.Stop ? ", which started the job again" : ""}`)];
}

const landmark = (at: number, text: string): Moment => ({ at, kind: "landmark", text });

/** How a deployment ended, and that it was a rollback: `before` is the one before it of the same job. */
export function deploymentMoments(deployment: Deployment, before: Deployment | undefined): Moment[] {
  const { JobVersion, Status, StatusDescription, CreateTime, ModifyTime, TaskGroups } = deployment;
  // A system job that fits on no node is deployed with success, and nothing of it runs.
  if (Object.values(TaskGroups ?? {}).every(({ DesiredTotal }) => DesiredTotal === 0)) return [];
  const [began, ended] = [fromNanoseconds(CreateTime), fromNanoseconds(ModifyTime)];
  const to = rolledBackTo(before);
  const back = began !== undefined && to !== undefined && before !== undefined && JobVersion === before.JobVersion + 1;
  const start = back ? [landmark(began, `rolled back: version ${to} again, as version ${JobVersion}`)] : [];
  if (ended === undefined || !["successful", "failed", "cancelled"].includes(Status)) return start;
  const why = StatusDescription.replace(/^(Failed due to|Cancelled (because|due to)) /, "").replace(/ - rolling.*/, "");
  const said = Status === "successful" ? "" : ` (${quotedLine(why, longestWhat)})`;
  return [...start, landmark(ended, `deployment of version ${JobVersion} ${Status}${said}`)];
}

/** What only the scheduler tells of: that there was no place, and that there was one later. */
function evaluationMoments(evaluation: Evaluation, { job, evaluations }: JobState): Moment[] {
  const [began, ended] = [fromNanoseconds(evaluation.CreateTime), fromNanoseconds(evaluation.ModifyTime)];
  if (began === undefined || ended === undefined) return [];
  if (evaluation.TriggeredBy === "alloc-stop") return [landmark(began, "an allocation was stopped by hand")];
  const failed = Object.entries(evaluation.FailedTGAllocs ?? {});
  const [newest] = evaluations;
  const waits = evaluations.some(({ Status }) => Status === "blocked") || newest?.FailedTGAllocs != null;
  if (failed.length === 0) {
    const placed = evaluation.TriggeredBy === "queued-allocs" && evaluation.Status === "complete";
    return placed ? [landmark(ended, "room was found for what had waited for a place")] : [];
  }
  // While it waits, only since when is news.
  const before = evaluations.slice(evaluations.indexOf(evaluation) + 1);
  const told = waits ? failed.filter(([group]) => !before.some((each) => each.FailedTGAllocs?.[group])) : failed;
  return told.map(([group, metric]): Moment => {
    const [reason] = explainPlacement(job, group, metric, undefined).reasons;
    // While it waits, the reason is the first thing that the answer says.
    const why = waits || reason === undefined ? "" : `: ${reason}`;
    return { at: began, kind: "note", subject: `place/${group}`, who: group, what: `no place${why}` };
  });
}

/**
 * What an allocation, read with its tasks, went through. Failures and restarts that Nomad no longer has the times of stand at
 * its beginning with their count and without words, where that was not more than `reach` ms ago.
 */
export function allocationMoments(allocation: AllocationStub, now: number, reach = lastHour): Moment[] {
  const tasks = Object.entries(allocation.TaskStates ?? {});
  return [
    ...tasks.flatMap(([task, state]) => taskMoments(allocation, task, state, now - reach)),
    ...leaving(allocation),
  ];
}

function taskMoments(allocation: AllocationStub, task: string, state: TaskState, earliest: number): Moment[] {
  const subject = `${allocation.TaskGroup}/${task}`;
  const who = shortName(allocation);
  const failures = ownFailures(state).map(({ at, what }): Moment => {
    const words = what.length > longestWhat ? (what.split(":", 1)[0] ?? what) : what;
    return { at, kind: "failure", subject, who, what: `${task} ${beginning(words, longestWhat)}` };
  });
  const events = (state.Events ?? []).flatMap((event): Moment[] => {
    const at = fromNanoseconds(event.Time);
    if (at === undefined) return [];
    if (event.Type === "Restarting") return [{ at, kind: "restart", subject, who, what: "" }];
    // Anything else that signals a restart is a failing check, and counted among the failures.
    return isRestartOrder(event)
      ? [{ at, kind: "note", subject: `${subject}/asked`, who, what: "restarted by a user" }]
      : [];
  });
  // Ten events are kept; of a young allocation the count of restarts tells of those that went before.
  const created = fromNanoseconds(allocation.CreateTime) ?? 0;
  const seen = (wanted: Moment["kind"]) => events.filter(({ kind }) => kind === wanted).length;
  const [first] = ownFailures(state);
  if (first === undefined || created < earliest) return [...failures, ...events];
  const failed = state.Restarts - seen("note") + (state.State === "dead" && state.Failed ? 1 : 0);
  const before = (kind: "failure" | "restart", count: number): Moment[] =>
    count > 0 ? [{ at: created, kind, subject, who, what: "", count }] : [];
  return [
    ...before("failure", failed - failures.length),
    ...before("restart", state.Restarts - seen("restart")),
    ...failures,
    ...events,
  ];
}

/** An allocation that its node, or a person, made go. */
function leaving(allocation: AllocationStub): Moment[] {
  const at = fromNanoseconds(allocation.ModifyTime);
  const said = allocation.DesiredDescription;
  if (at === undefined || !/lost|migrated|drain|preempt|disconnect|unknown/i.test(said)) return [];
  const what = `leaves ${allocation.NodeName} (${quotedLine(said, longestWhat)})`;
  const subject = `${allocation.TaskGroup}/${allocation.NodeID}/${said}`;
  return [{ at, kind: "note", subject, who: shortName(allocation), what }];
}

/** Each allocation knows the last five of its chain. */
function reschedules(allocations: readonly AllocationStub[]): Moment[] {
  const known = new Map<string, Moment>();
  for (const allocation of allocations) {
    const [task = ""] = Object.keys(allocation.TaskStates ?? {});
    for (const { RescheduleTime, PrevAllocID } of allocation.RescheduleTracker?.Events ?? []) {
      const at = fromNanoseconds(RescheduleTime);
      const subject = `${allocation.TaskGroup}/${failedTask(allocation) ?? task}`;
      if (at !== undefined)
        known.set(PrevAllocID, { at, kind: "reschedule", subject, who: shortName(allocation), what: "" });
    }
  }
  return [...known.values()];
}

const failedTask = ({ TaskStates: states }: AllocationStub) =>
  Object.entries(states ?? {}).find(([, state]) => ownFailures(state).length > 0)?.[0];

/** That a task was stopped with another one is no failure of its own. */
const ownFailures = (state: TaskState) =>
  taskFailures(state).filter(({ what }) => !what.startsWith("was stopped with"));

/** What happened to a node. */
export function nodeMoments({ Name, Events }: Node): Moment[] {
  return (Events ?? []).flatMap(({ Message, Timestamp }) => {
    const at = fromGoTime(Timestamp);
    // Every node begins with that.
    return at === undefined || Message === "Node registered"
      ? []
      : [landmark(at, `${Name}: ${quotedLine(Message.replace(/^Node /, ""), longestWhat)}`)];
  });
}
