import { expect } from "vitest";
import type { Allocation, AllocationStub, TaskState } from "../../src/endpoints/allocations.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { ending, noDeployment, noRestart } from "./support/jobs.ts";

const startedAt = (state: TaskState | undefined) => Date.parse(state?.StartedAt ?? "");
const types = (state: TaskState | undefined) => (state?.Events ?? []).map(({ Type }) => Type);

/** A task of a job that runs for an hour, or as its config says. */
const task = (Name: string, Config: object, more: object = {}) => ({
  ...{ Name, Driver: "mock_driver", Config: { run_for: "1h", ...Config }, Resources: { CPU: 20, MemoryMB: 16 } },
  ...more,
});

async function running(nomad: Cluster, stem: string, group: object = {}, job: object = {}): Promise<AllocationStub> {
  const id = nomad.id(stem);
  await nomad.submit(mockJob(id, {}, group, job));
  return await nomad.allocation(id, "running");
}

const restart = (nomad: Cluster, { ID }: AllocationStub, body: object = {}) =>
  nomad.send("PUT", `/v1/client/allocation/${ID}/restart`, { body });

contract("restarting", (test) => {
  test("in place: StartedAt moves, later than the answer comes, and the restart is counted", async ({ nomad }) => {
    const before = await running(nomad, "in-place", noDeployment);
    const { status, text } = await restart(nomad, before);
    expect([status, JSON.parse(text)]).toEqual([200, { Index: 0 }]);
    const { TaskStates } = await nomad.until<Allocation>(`/v1/allocation/${before.ID}`, (now) => {
      const state = now.TaskStates?.server;
      return state?.State === "running" && startedAt(state) > startedAt(before.TaskStates?.server);
    });
    expect(TaskStates?.server).toMatchObject({ Restarts: 1, Failed: false });
    const happened = types(TaskStates?.server);
    expect(happened.slice(happened.indexOf("Restart Signaled"))).toEqual([
      "Restart Signaled",
      "Terminated",
      "Restarting",
      "Started",
    ]);
  });

  test("of one task leaves the others alone; an unknown one and one that is dead are refused", async ({ nomad }) => {
    const Tasks = [task("server", {}), task("other", {}), task("init", ending, { Lifecycle: { Hook: "prestart" } })];
    const before = await running(nomad, "one-task", { Tasks, ...noDeployment });
    const isUp = ({ TaskStates }: Allocation) =>
      TaskStates?.server?.State === "running" &&
      TaskStates.other?.State === "running" &&
      TaskStates.init?.State === "dead";
    const up = await nomad.until<Allocation>(`/v1/allocation/${before.ID}`, isUp);
    expect((await restart(nomad, before, { TaskName: "server" })).status).toBe(200);
    const after = await nomad.until<Allocation>(
      `/v1/allocation/${before.ID}`,
      (now) => isUp(now) && startedAt(now.TaskStates?.server) > startedAt(up.TaskStates?.server),
    );
    expect(after.TaskStates?.other?.StartedAt).toBe(up.TaskStates?.other?.StartedAt);
    const unknown = await restart(nomad, before, { TaskName: "nosuch" });
    expect([unknown.status, unknown.text]).toEqual([500, "Could not find task runner for task: nosuch"]);
    const dead = await restart(nomad, before, { TaskName: "init" });
    expect([dead.status, dead.text]).toEqual([500, "Task not running"]);
  });

  test("of what has ended is refused", async ({ nomad }) => {
    const job = nomad.id("ended");
    await nomad.submit(mockJob(job, ending, noRestart, { Type: "batch" }));
    const ended = await nomad.allocation(job, "complete");
    const { status, text } = await restart(nomad, ended);
    expect([status, text]).toEqual([500, "restart of an alloc that should not run"]);
    const unknown = await restart(nomad, { ...ended, ID: "12345678-1234-1234-1234-123456789abc" });
    expect([unknown.status, unknown.text]).toEqual([404, 'Unknown allocation "12345678-1234-1234-1234-123456789abc"']);
  });

  test("by stopping: the scheduler replaces the allocation at once", async ({ nomad }) => {
    const before = await running(nomad, "replaced", noDeployment);
    const { EvalID } = await nomad.ask<{ EvalID: string }>("PUT", `/v1/allocation/${before.ID}/stop`);
    expect(await nomad.evaluated(EvalID)).toMatchObject({ TriggeredBy: "alloc-stop", Status: "complete" });
    const stopped = await nomad.get<Allocation>(`/v1/allocation/${before.ID}`);
    expect(stopped).toMatchObject({ DesiredStatus: "stop", NextAllocation: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const next = await nomad.until<Allocation>(
      `/v1/allocation/${stopped.NextAllocation}`,
      (now) => now.ClientStatus === "running",
    );
    expect(next).toMatchObject({ PreviousAllocation: before.ID, Name: before.Name });
    await nomad.until<Allocation>(`/v1/allocation/${before.ID}`, (now) => now.ClientStatus === "complete");
  });

  test("by stopping, of a batch job: at once, or asked to reschedule by its policy's delay", async ({ nomad }) => {
    const stop = async ({ ID }: AllocationStub, reschedule?: boolean) => {
      const query = { reschedule };
      const { EvalID } = await nomad.ask<{ EvalID: string }>("PUT", `/v1/allocation/${ID}/stop`, { query });
      await nomad.evaluated(EvalID);
      return await nomad.get<Allocation>(`/v1/allocation/${ID}`);
    };
    const plain = await stop(await running(nomad, "batch-plain", {}, { Type: "batch" }));
    expect(plain).toMatchObject({ DesiredStatus: "stop", NextAllocation: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const delayed = await stop(await running(nomad, "batch-delayed", {}, { Type: "batch" }), true);
    expect(delayed).toMatchObject({ DesiredStatus: "stop", FollowupEvalID: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(delayed.NextAllocation ?? "").toBe("");
    const followup = await nomad.evaluated(delayed.FollowupEvalID);
    expect(followup).toMatchObject({ TriggeredBy: "alloc-reschedule", Status: "complete" });
    // The stopped one is not always told of its replacement.
    const filter = `EvalID == \`${followup.ID}\` and Name == \`${delayed.Name}\``;
    expect(await nomad.get<AllocationStub[]>("/v1/allocations", { filter, per_page: 1 })).toHaveLength(1);
  });

  test("by stopping, of a system job: replaced only when it is evaluated again", async ({ nomad }) => {
    const { Datacenters, count } = await nomad.oneNode();
    const id = nomad.id("system");
    await nomad.submit(mockJob(id, {}, {}, { Type: "system", Datacenters }));
    const [before] = await nomad.allocations(
      id,
      (all) => all.length === count && all.every((one) => one.ClientStatus === "running"),
    );
    const { EvalID } = await nomad.ask<{ EvalID: string }>("PUT", `/v1/allocation/${before?.ID}/stop`);
    await nomad.evaluated(EvalID);
    const { NextAllocation } = await nomad.get<Allocation>(`/v1/allocation/${before?.ID}`);
    expect(NextAllocation ?? "").toBe("");
    const evaluation: Evaluation = await nomad.force(id, true);
    expect(evaluation.Status).toBe("complete");
    const after = await nomad.until<Allocation>(`/v1/allocation/${before?.ID}`, (now) => Boolean(now.NextAllocation));
    await nomad.until<Allocation>(`/v1/allocation/${after.NextAllocation}`, (now) => now.ClientStatus === "running");
  });
});
