import { expect, test } from "vitest";
import type { AllocationStub } from "../../../src/endpoints/allocations.ts";
import { isMarked } from "../../../src/nomad/allocations/whole-allocation.ts";
import type { JobState } from "../../../src/nomad/jobs/health/job-state.ts";

const start = Date.parse("2026-11-29T20:00:00Z");
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const nanoseconds = (seconds: number) => (start + seconds * 1000) * 1e6;

/** One that was said to be unhealthy 20 s after its start, where clients give up after 60 s. */
function allocation(more: object = {}, events: readonly string[] = []): AllocationStub {
  const TaskStates = { server: { State: "running", Events: events.map((Type) => ({ Type, DisplayMessage: "" })) } };
  const DeploymentStatus = { Healthy: false, Canary: false, Timestamp: at(20) };
  const one = { JobVersion: 1, TaskGroup: "web", CreateTime: nanoseconds(0), TaskStates, DeploymentStatus, ...more };
  return one as unknown as AllocationStub;
}

/** `update`: of its group, which has a check where `isChecked`. */
function state(isChecked: boolean, update: object = {}, UnhealthyAllocs = 1): JobState {
  const Services = isChecked ? [{ Checks: [{ Type: "http" }] }] : [];
  const group = { Name: "web", Services, Update: { HealthyDeadline: 60e9, ...update } };
  const deployment = { JobVersion: 1, ModifyTime: nanoseconds(90), TaskGroups: { web: { UnhealthyAllocs } } };
  return { job: { Version: 1, TaskGroups: [group] }, deployments: [deployment] } as unknown as JobState;
}

const said = (seconds: number) => ({ DeploymentStatus: { Healthy: false, Canary: false, Timestamp: at(seconds) } });

test.each<[string, AllocationStub, JobState, boolean]>([
  ["no event of its client", allocation(), state(false), true],
  ["an event of its client", allocation({}, ["Started", "Alloc Unhealthy"]), state(false), false],
  ["a check of its group, before the deadline", allocation(), state(true), true],
  ["a check of its group, at the deadline: its client writes no event then", allocation(said(60)), state(true), false],
  ["a check that is asked by hand only", allocation(said(60)), state(true, { HealthCheck: "manual" }), true],
  ["a drain moved it, and no deployment has judged it", allocation(), state(false, {}, 0), false],
  ["after its deployment had ended", allocation(said(300)), state(false), false],
  ["tasks that were not read", allocation({ TaskStates: null }), state(false), false],
  ["of another version than the job has", allocation({ JobVersion: 0 }), state(false), false],
  ["healthy", allocation({ DeploymentStatus: { Healthy: true, Timestamp: at(20) } }), state(false), false],
])("marked by hand, or not: %s", (_, one, around, marked) => {
  expect(isMarked(one, around)).toBe(marked);
});
