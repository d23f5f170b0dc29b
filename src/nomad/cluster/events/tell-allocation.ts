import type { TaskEvent } from "../../../endpoints/allocations.ts";
import type { ClusterEvent, EventAllocation } from "../../../endpoints/events.ts";
import { quotedLine } from "../../../text/untrusted.ts";
import { short } from "../../../text/words.ts";
import { eventPhrase } from "../../allocations/task-trouble.ts";

/** What was last seen of an allocation. */
export interface AllocationSeen {
  readonly client: string;
  readonly desired: string;
  readonly healthy: boolean | null;
  /** The newest of its tasks' events, ns. */
  readonly told: number;
}

/** An allocation that is seen for the first time tells no event of its tasks older than this, in ns. */
const recent = 2e9;
/** Of so many events of tasks an allocation tells at once. */
const mostEvents = 4;
export function seenOf(allocation: EventAllocation): AllocationSeen {
  return {
    client: allocation.ClientStatus,
    desired: allocation.DesiredStatus,
    healthy: allocation.DeploymentStatus?.Healthy ?? null,
    told: Math.max(0, ...eventsOf(allocation).map(({ event }) => event.Time)),
  };
}

/** What an event says of an allocation that was not known before: "pending -> running; server Started". */
export function tellAllocation(
  { Index }: ClusterEvent,
  allocation: EventAllocation,
  before: AllocationSeen | undefined,
): string | undefined {
  const now = seenOf(allocation);
  const said = [
    before === undefined
      ? first(allocation, Index)
      : before.client !== now.client && `${before.client} -> ${now.client}`,
    now.desired !== "run" && before?.desired !== now.desired && toEnd(allocation),
    now.desired === "run" &&
      now.healthy !== null &&
      before?.healthy !== now.healthy &&
      (now.healthy ? "healthy" : "unhealthy"),
    ...taskEvents(allocation, before?.told ?? allocation.ModifyTime - recent),
  ].filter((part) => typeof part === "string");
  if (said.length === 0) return undefined;
  const where = allocation.NodeName ? ` on ${allocation.NodeName}` : "";
  return `allocation ${short(allocation.ID)} ${allocation.Name}${where}: ${said.join("; ")}`;
}

function first({ ClientStatus, CreateIndex, PreviousAllocation }: EventAllocation, index: number): string {
  if (CreateIndex !== index) return ClientStatus;
  return `placed${PreviousAllocation ? ` in place of ${short(PreviousAllocation)}` : ""}`;
}

function toEnd({ DesiredStatus, DesiredDescription }: EventAllocation): string {
  const what = DesiredStatus === "evict" ? "to be evicted" : "to be stopped";
  return `${what}${DesiredDescription ? ` (${quotedLine(DesiredDescription, 100)})` : ""}`;
}

interface OfTask {
  readonly task: string;
  readonly event: TaskEvent;
  /** The one before it in the same task. */
  readonly before: TaskEvent | undefined;
}

function eventsOf({ TaskStates }: EventAllocation): OfTask[] {
  return Object.entries(TaskStates ?? {}).flatMap(([task, { Events }]) =>
    (Events ?? []).map((event, index, all) => ({ task, event, before: all[index - 1] })),
  );
}

function taskEvents(allocation: EventAllocation, since: number): string[] {
  const fresh = eventsOf(allocation).filter(({ event }) => event.Time > since && !isEcho(event));
  const inOrder = fresh.toSorted((one, other) => one.event.Time - other.event.Time).slice(-mostEvents);
  return inOrder.flatMap(({ task, event, before }) => {
    const said = eventPhrase(event, before);
    return said === undefined ? [] : [`${task} ${said}`];
  });
}

/** What the events beside it say as well: that a task is being ended which then ends, and that this is not healthy. */
function isEcho({ Type, Details }: TaskEvent): boolean {
  return Type === "Alloc Unhealthy" || Type === "Killed" || (Type === "Killing" && Details?.fails_task !== "true");
}
