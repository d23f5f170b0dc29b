import { fromGoTime, MS } from "../gotime.ts";
import type { ReschedulePolicy } from "../state/job-types.ts";
import type { Allocation } from "../state/types.ts";

/** How many past reschedules an allocation of an unlimited policy remembers. */
const REMEMBERED = 5;

/** The reschedule policy of an allocation's group, as of the version that it runs. */
function policyOf(alloc: Allocation): ReschedulePolicy | null {
  return alloc.Job.TaskGroups.find((group) => group.Name === alloc.TaskGroup)?.ReschedulePolicy ?? null;
}

/** Whether a policy reschedules at all. */
export function policyEnabled(policy: ReschedulePolicy | null): policy is ReschedulePolicy {
  return policy !== null && (policy.Attempts > 0 || policy.Unlimited);
}

/** When the last of its tasks ended (ns); when it was last changed, if none has. */
function failTime(alloc: Allocation): number {
  const ends = Object.values(alloc.TaskStates ?? {}).map((state) => fromGoTime(state.FinishedAt));
  return Math.max(0, ...ends) || alloc.ModifyTime;
}

/** How long its next reschedule has to wait (ns). */
function nextDelay(alloc: Allocation): number {
  const policy = policyOf(alloc);
  const events = alloc.RescheduleTracker?.Events ?? [];
  const last = events.at(-1);
  if (!policy || !last) return policy?.Delay ?? 0;
  let delay = policy.Delay;
  if (policy.DelayFunction === "exponential") delay = last.Delay * 2;
  else if (policy.DelayFunction === "fibonacci") {
    const before = events.at(-2);
    if (before)
      delay = before.Delay === policy.MaxDelay && last.Delay === policy.Delay ? last.Delay : last.Delay + before.Delay;
  } else return delay;
  if (policy.MaxDelay > 0 && delay > policy.MaxDelay) {
    // after a long enough good spell the series begins anew
    delay = failTime(alloc) - last.RescheduleTime > policy.MaxDelay ? policy.Delay : policy.MaxDelay;
  }
  return delay;
}

function attemptsLeft(alloc: Allocation, policy: ReschedulePolicy, at: number): boolean {
  const events = alloc.RescheduleTracker?.Events ?? [];
  const recent = events.filter((event) => policy.Interval > 0 && at - event.RescheduleTime < policy.Interval);
  return recent.length < policy.Attempts;
}

/** When a failed allocation may be rescheduled (ns); undefined where its policy or its state forbids it. */
export function rescheduleAt(alloc: Allocation): number | undefined {
  const policy = policyOf(alloc);
  if (!policyEnabled(policy)) return undefined;
  const stopped = alloc.DesiredStatus === "stop" && alloc.RescheduleTracker?.LastReschedule !== "no placement";
  const asked = alloc.Job.Type === "batch" && alloc.DesiredTransition.Reschedule;
  if (stopped || (!asked && alloc.ClientStatus !== "failed" && alloc.ClientStatus !== "lost")) return undefined;
  const at = failTime(alloc);
  const delay = nextDelay(alloc);
  const tracked = (alloc.RescheduleTracker?.Events ?? null) !== null;
  const allowed =
    policy.Attempts > 0 && tracked
      ? attemptsLeft(alloc, policy, at) && delay < policy.Interval
      : policy.Unlimited || alloc.RescheduleTracker === null;
  return allowed ? at + delay : undefined;
}

/** Whether its policy has an attempt left, whatever its state. */
export function mayReschedule(alloc: Allocation, policy: ReschedulePolicy | null, nowMs: number): boolean {
  if (!policyEnabled(policy)) return false;
  return policy.Unlimited || attemptsLeft(alloc, policy, nowMs * MS);
}

/** What a replacement remembers of the allocations before it. */
export function trackerAfter(previous: Allocation, now: number): Allocation["RescheduleTracker"] {
  const policy = policyOf(previous);
  const past = previous.RescheduleTracker?.Events ?? [];
  const kept =
    policy && policy.Attempts > 0
      ? past.filter((event) => policy.Interval > 0 && now - event.RescheduleTime <= policy.Interval)
      : past.slice(-REMEMBERED);
  const event = {
    RescheduleTime: now,
    PrevAllocID: previous.ID,
    PrevNodeID: previous.NodeID,
    Delay: nextDelay(previous),
  };
  return { Events: [...kept, event], LastReschedule: "ok" };
}
