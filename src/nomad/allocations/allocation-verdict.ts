import type { TaskState } from "../../endpoints/allocations.ts";
import { ago, fromGoTime, fromNanoseconds, span } from "../../text/time.ts";
import { quotedLine } from "../../text/untrusted.ts";
import { short } from "../../text/words.ts";
import { type ToldAllocation, tasksOf, whyNotStarted } from "./allocation.ts";
import { taskTrouble } from "./task-trouble.ts";

/** How one allocation is. */
export interface AllocationVerdict {
  /** What follows its name: "failed 12s ago: task worker exits with code 1, 3 times in 4s". */
  readonly sentence: string;
  /** True where somebody has to look at it. */
  readonly trouble: boolean;
}

/** Decides how an allocation is from its status, its tasks and what Nomad wants of it. `now`: ms, the server's clock. */
export function allocationVerdict(allocation: ToldAllocation, now: number): AllocationVerdict {
  const { ClientStatus: status, DesiredStatus: desired, DesiredDescription: why, NodeName: node } = allocation;
  const told = why ? ` (${quotedLine(why)})` : "";
  const ended = ago(endOf(allocation) ?? now, now);
  const trouble = worst(allocation, now);
  const preempted = allocation.PreemptedByAllocation
    ? `, preempted by allocation ${short(allocation.PreemptedByAllocation)}`
    : "";
  switch (status) {
    case "running":
      if (desired !== "run") return calm(`is being stopped${told}${preempted}`);
      return running(allocation, trouble, now);
    case "pending":
      if (desired !== "run") return calm(`was stopped before it ran${told}${preempted}`);
      return trouble
        ? { sentence: `is not running: ${trouble}`, trouble: true }
        : { sentence: `is not running yet: ${waiting(allocation, now)}`, trouble: false };
    case "complete":
      return calm(desired === "run" ? `finished ${ended}` : `was stopped ${ended}${told}${preempted}`);
    case "failed":
      return { sentence: `failed ${ended}: ${trouble ?? quotedLine(allocation.ClientDescription)}`, trouble: true };
    case "lost":
      return { sentence: `is lost: node ${node} is down${told}`, trouble: true };
    case "unknown":
      return { sentence: `is unknown: node ${node} is disconnected`, trouble: true };
    default:
      // What a newer Nomad adds, or an older one does not send.
      return calm(`is in the state "${quotedLine(status)}", which is none that is known here`);
  }
}

const calm = (sentence: string): AllocationVerdict => ({ sentence, trouble: false });

function running(allocation: ToldAllocation, trouble: string | undefined, now: number): AllocationVerdict {
  if (trouble !== undefined) return { sentence: `is running, but ${trouble}`, trouble: true };
  const health = allocation.DeploymentStatus?.Healthy;
  const unhealthy = health === false ? "is running but not healthy" : undefined;
  const idle = tasksOf(allocation).find(
    ({ Name, Lifecycle }) => Lifecycle?.Hook !== "poststop" && !hasStarted(allocation.TaskStates?.[Name]),
  );
  if (idle) {
    const waits = `task ${idle.Name} has not started; ${whyNotStarted(allocation, idle.Name, now)}`;
    return { sentence: `${unhealthy ?? "is starting"}: ${waits}`, trouble: unhealthy !== undefined };
  }
  if (unhealthy !== undefined) return { sentence: unhealthy, trouble: true };
  return calm(health === true ? "is running and healthy" : "is running");
}

/** The tasks that fail now, the one that pulls the others down first. */
function worst(allocation: ToldAllocation, now: number): string | undefined {
  const found = Object.entries(allocation.TaskStates ?? {}).flatMap(([task, state]) => {
    const trouble = taskTrouble(state, now, fromNanoseconds(allocation.CreateTime));
    return trouble?.present ? [{ task, state, trouble }] : [];
  });
  const sibling = (state: TaskState) => state.Events?.some(({ Type }) => Type === "Sibling Task Failed") ?? false;
  const [first] = found.toSorted((one, other) => Number(sibling(one.state)) - Number(sibling(other.state)));
  if (first === undefined) return undefined;
  const { task, trouble } = first;
  const { retryAt } = trouble;
  const next = retryAt !== undefined && retryAt > now ? `, next start in ${span(retryAt - now)}` : "";
  return `task ${task} ${[trouble.what, trouble.times].filter(Boolean).join(", ")}${next}`;
}

function waiting(allocation: ToldAllocation, now: number): string {
  const idle = tasksOf(allocation).find(({ Name }) => !hasStarted(allocation.TaskStates?.[Name]));
  return idle ? `task ${idle.Name} has not started; ${whyNotStarted(allocation, idle.Name, now)}` : "its tasks start";
}

const hasStarted = (state: TaskState | undefined) => fromGoTime(state?.StartedAt) !== undefined;

/** When the last task ended, ms; else when Nomad last heard of the allocation. */
function endOf({ TaskStates, ModifyTime }: ToldAllocation): number | undefined {
  const ends = Object.values(TaskStates ?? {}).map((state) => fromGoTime(state.FinishedAt) ?? 0);
  return Math.max(0, ...ends) || fromNanoseconds(ModifyTime);
}
