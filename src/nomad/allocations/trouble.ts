import type { AllocationStub, TaskState } from "../../endpoints/allocations.ts";
import type { TaskGroup } from "../../endpoints/job.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { short } from "../../text/words.ts";
import { waitUntil } from "../evaluations/words.ts";
import { type JobState, withTasks } from "../jobs/health/job-state.ts";
import { longestRun, type TaskTrouble, taskTrouble } from "./task-trouble.ts";
import type { Trouble } from "./trouble-kinds.ts";
import { drained, isKilledByDrain, lingering, unhealthy, untilLost, waiting, whole } from "./whole-allocation.ts";

/** So long after a failure, in ms, the scheduler may not have looked at it yet. */
const decisionTime = 2_000;

/** A replacement that has run for this long, in ms, or twice as long as its predecessor, is taken as well. */
const provenAfter = 60_000;

/**
 * The troubles of a job's newest allocations, those that matter now first, one for each allocation: of those that should
 * run, and of failed ones whose replacement has not proven itself yet.
 */
export function allocationTroubles(state: JobState): Trouble[] {
  const read = withTasks(state);
  const found = read.flatMap((allocation) => troubleOf(allocation, state) ?? []);
  const unread = state.current.filter((each) => !read.some(({ ID }) => ID === each.ID));
  // The others were read without their task states: what their status tells is enough to name them.
  const away = unread.filter(
    ({ ClientStatus, DeploymentStatus }) =>
      ["failed", "lost", "unknown"].includes(ClientStatus) || DeploymentStatus?.Healthy === false,
  );
  const older = away.flatMap((allocation) => troubleOf(allocation, state) ?? []);
  return [...found, ...older].sort((one, other) => weight(other) - weight(one));
}

const weight = (trouble: Trouble) => (trouble.present ? 4 : 0) + (trouble.continues ? 0 : 2) + (trouble.logged ? 1 : 0);

function troubleOf(allocation: AllocationStub, state: JobState): Trouble | undefined {
  const now = state.nomad.now();
  if (allocation.NextAllocation !== "") return replaced(allocation, state);
  if (allocation.PreemptedByAllocation && allocation.DesiredStatus === "evict") {
    const what = `was preempted by allocation ${short(allocation.PreemptedByAllocation)}`;
    return whole(allocation, "preempted", what, { continues: true });
  }
  if (allocation.DesiredStatus !== "run") {
    if (isKilledByDrain(allocation, state)) return drained(allocation);
    return allocation.ClientStatus === "failed" ? past(ofTasks(allocation, state, now)) : undefined;
  }
  switch (allocation.ClientStatus) {
    case "lost":
    case "unknown":
      return away(allocation, state);
    case "failed":
      return (
        ofTasks(allocation, state, now) ??
        whole(allocation, "unclear", `failed: ${allocation.ClientDescription}`, retry(allocation, state))
      );
    case "complete":
      return undefined;
    default:
      return troubleNow(allocation, state, now);
  }
}

/** Of one that should run: what fails now, what it waits for, why it was late, and only then what failed once. */
function troubleNow(allocation: AllocationStub, state: JobState, now: number): Trouble | undefined {
  const failure = ofTasks(allocation, state, now);
  if (failure?.present) return failure;
  return waiting(allocation, now) ?? lingering(allocation, state) ?? unhealthy(allocation, state) ?? failure;
}

const past = (trouble: Trouble | undefined) =>
  trouble && { ...trouble, present: false, continues: true, outlook: undefined };

function away(allocation: AllocationStub, state: JobState): Trouble {
  const node = allocation.NodeName || short(allocation.NodeID);
  if (allocation.ClientStatus === "unknown") {
    const outlook = untilLost(allocation, state);
    return whole(allocation, "away", `cannot be seen: node ${node} is disconnected`, { continues: true, outlook });
  }
  const why = allocation.DesiredDescription || `alloc is lost since its node is down`;
  return whole(allocation, "away", `is lost with node ${node} (${quotedLine(why)})`, retry(allocation, state));
}

/** A failed allocation that has a replacement: a trouble only while the replacement has not run long enough. */
function replaced(allocation: AllocationStub, state: JobState): Trouble | undefined {
  if (allocation.ClientStatus !== "failed" && allocation.ClientStatus !== "lost") return undefined;
  const known = [...withTasks(state), ...state.current];
  const next = known.find(({ ID }) => ID === allocation.NextAllocation);
  const now = state.nomad.now();
  // What came after it is looked at by itself; what is no longer among the newest is history.
  if (next === undefined || next.NextAllocation !== "" || next.ClientStatus === "failed") return undefined;
  const states = Object.values(next.TaskStates ?? {});
  if (states.some((task) => taskTrouble(task, now)?.present)) return undefined;
  const trouble = ofTasks(allocation, state, now);
  if (trouble === undefined) return undefined;
  // Another version in its place is an update or a rollback, no further attempt of this one.
  if (next.JobVersion !== allocation.JobVersion) return past(trouble);
  const started = Math.max(0, ...states.map((task) => fromGoTime(task.StartedAt) ?? 0));
  const longest = Math.max(
    0,
    ...Object.values(allocation.TaskStates ?? {}).map((task) => longestRun(task.Events ?? [])),
  );
  const proven = next.ClientStatus === "running" && now - started > Math.max(provenAfter, 2 * longest);
  const outlook =
    next.ClientStatus === "running"
      ? `runs again as ${short(next.ID)} since ${span(now - started)}`
      : `replaced by ${short(next.ID)}`;
  return { ...trouble, present: !proven, repeats: true, continues: true, outlook };
}

function ofTasks(allocation: AllocationStub, state: JobState, now: number): Trouble | undefined {
  const tasks = Object.entries(allocation.TaskStates ?? {}).flatMap(([task, taskState]) => {
    const trouble = taskTrouble(taskState, now, fromNanoseconds(allocation.CreateTime));
    return trouble ? [{ task, taskState, trouble }] : [];
  });
  // A task that was stopped because of another one is not where it began.
  const first = tasks.find(({ trouble }) => !trouble.what.startsWith("was stopped with")) ?? tasks[0];
  if (first === undefined) return undefined;
  const { task, taskState, trouble } = first;
  const rescheduled = allocation.RescheduleTracker?.Events?.length ?? 0;
  const failed = allocation.ClientStatus === "failed" || (taskState.State === "dead" && taskState.Failed);
  const going = failed ? retry(allocation, state) : { continues: true, outlook: onNode(trouble, taskState, now) };
  return {
    ...{ allocation, task, kind: trouble.kind, times: trouble.times },
    what: `task ${task} ${trouble.what}`,
    at: trouble.at,
    present: failed || trouble.present,
    repeats: trouble.repeats || rescheduled > 0,
    logged: trouble.kind === "exit" || trouble.kind === "memory",
    ...going,
  };
}

/** What the client does on the same node. */
function onNode({ retryAt, at }: TaskTrouble, { State }: TaskState, now: number): string | undefined {
  if (retryAt !== undefined && retryAt > now) return `next restart in ${span(retryAt - now)}`;
  if (State === "running") return `running again, last failure ${ago(at, now)}`;
  return undefined;
}

/** Whether the scheduler tries again elsewhere; true only while the evaluation that will do it is pending. */
function retry(allocation: AllocationStub, state: JobState): Pick<Trouble, "continues" | "outlook"> {
  const policy = state.job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup)?.ReschedulePolicy;
  const followup = state.evaluations.find(({ ID }) => ID === allocation.FollowupEvalID);
  const at = waitUntil(followup);
  // Seen on a real agent: an attempt that is still planned then places nothing.
  if (halted(allocation, state)) return { continues: false, outlook: notAgain(allocation, state, policy) };
  if (followup?.Status === "pending") {
    const when = at === undefined ? "soon" : `in ${span(at - state.nomad.now())}`;
    return { continues: true, outlook: `next attempt ${when}` };
  }
  const allowed = policy != null && (policy.Unlimited || policy.Attempts > 0);
  const since = state.nomad.now() - (fromNanoseconds(allocation.ModifyTime) ?? 0);
  // The scheduler has not heard of it yet, so nothing is decided.
  if (allowed && allocation.FollowupEvalID === "" && since < decisionTime)
    return { continues: true, outlook: undefined };
  const blocked = state.evaluations.some(({ Status }) => Status === "blocked");
  return { continues: false, outlook: blocked ? "no place for a replacement" : notAgain(allocation, state, policy) };
}

/** True where the deployment of the allocation's version has failed, which ends all placing. */
function halted({ JobVersion }: AllocationStub, { deployments: [newest] }: JobState): boolean {
  return newest?.Status === "failed" && newest.JobVersion === JobVersion;
}

function notAgain(
  allocation: AllocationStub,
  state: JobState,
  policy: TaskGroup["ReschedulePolicy"] | undefined,
): string {
  if (halted(allocation, state)) {
    return "not started again, since its deployment has failed";
  }
  if (!policy || (policy.Attempts === 0 && !policy.Unlimited))
    return "not started again: the group does not allow rescheduling";
  return policy.Unlimited ? "no further attempt is planned" : "not started again: its reschedule attempts are used up";
}
