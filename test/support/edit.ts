import type { AllocationStub, TaskEvent, TaskState } from "../../src/endpoints/allocations.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { AllocMetric } from "../../src/endpoints/metric.ts";
import type { RecordedState } from "./recorded.ts";

/** The first item, which the folder must have. */
export function first<T>(items: readonly T[] | null | undefined): T {
  const [item] = items ?? [];
  if (item === undefined) throw new Error("there is none");
  return item;
}

/** The only group of a recorded job and its only task. */
export function onlyGroup({ job }: RecordedState) {
  const group = first(job.TaskGroups);
  return { group, task: first(group.Tasks) };
}

/** A task's event. `seconds`: before the state's present. */
export function event(
  state: RecordedState,
  seconds: number,
  Type: string,
  DisplayMessage: string,
  Details: Record<string, string> = {},
): TaskEvent {
  return { Type, Time: (state.now - seconds * 1000) * 1e6, DisplayMessage, Details };
}

/** A task that exits with `code`, `seconds` ago. */
export function exited(state: RecordedState, seconds: number, code: number): TaskEvent {
  const details = { exit_code: String(code), signal: "0", oom_killed: "false" };
  return event(state, seconds, "Terminated", `Exit Code: ${code}`, details);
}

/** A task's state; what is left out is as Nomad has it for a task that was never started. */
export function task(more: Partial<TaskState>): TaskState {
  return {
    State: "pending",
    Failed: false,
    Restarts: 0,
    LastRestart: null,
    StartedAt: null,
    FinishedAt: null,
    Events: [],
    ...more,
  };
}

/** A time as Go writes it, `seconds` before (or, negative, after) the state's present. */
export function goTime(state: RecordedState, seconds: number): string {
  return new Date(state.now - seconds * 1000).toISOString();
}

/** Lets time pass since everything that was recorded. */
export function later(state: RecordedState, seconds: number): void {
  state.now += seconds * 1000;
}

/** Puts one allocation in the place of all; its tasks too. */
export function onlyAllocation(state: RecordedState, more: Partial<AllocationStub>): AllocationStub {
  const allocation = { ...first(state.allocations), ...more };
  state.allocations = [allocation];
  return allocation;
}

/** Why a placement failed, as it stands in the evaluation that failed and in the blocked one (recorded surprise 8). */
export function unplaced(state: RecordedState, metric: Partial<AllocMetric>): void {
  const empty: AllocMetric = {
    NodesEvaluated: 0,
    NodesFiltered: 0,
    NodesInPool: 3,
    NodePool: "default",
    NodesAvailable: { dc1: 3 },
    ClassFiltered: null,
    ConstraintFiltered: null,
    NodesExhausted: 0,
    ClassExhausted: null,
    DimensionExhausted: null,
    QuotaExhausted: null,
    ResourcesExhausted: null,
    CoalescedFailures: 0,
  };
  const { group } = onlyGroup(state);
  for (const evaluation of state.evaluations) evaluation.FailedTGAllocs = { [group.Name]: { ...empty, ...metric } };
}

/** A further evaluation, newer than the others. */
export function evaluation(state: RecordedState, more: Partial<Evaluation>): Evaluation {
  const index = Math.max(0, ...state.evaluations.map(({ CreateIndex }) => CreateIndex)) + 1;
  const added: Evaluation = {
    ID: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    Namespace: state.job.Namespace,
    JobID: state.job.ID,
    Type: state.job.Type,
    TriggeredBy: "job-register",
    Status: "complete",
    CreateIndex: index,
    ModifyIndex: index,
    CreateTime: state.now * 1e6,
    ModifyTime: state.now * 1e6,
    ...more,
  };
  state.evaluations.push(added);
  return added;
}

/** What a task has logged: nothing, unless said. */
export function logged(state: RecordedState, name: string, stderr: string, stdout = ""): void {
  for (const [stream, body] of Object.entries({ stderr, stdout })) {
    state.logs[`${name}/${stream}`] = { request: { method: "GET", path: "" }, status: 200, headers: {}, body };
  }
}
