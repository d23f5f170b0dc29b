import { expect } from "vitest";
import type { Allocation, AllocationStub, TaskState } from "../../src/endpoints/allocations.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { ScaleStatus } from "../../src/endpoints/jobs.ts";
import type { NodeStub } from "../../src/endpoints/nodes.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import {
  ending,
  failing,
  failingAtOnce,
  neverRescheduled,
  noDeployment,
  noRestart,
  onceRescheduled,
  quickDeployment,
} from "./support/jobs.ts";

const types = (state: TaskState | undefined) => (state?.Events ?? []).map(({ Type }) => Type);
const event = (state: TaskState | undefined, type: string) => state?.Events?.findLast(({ Type }) => Type === type);

/** The only allocation of a new job, once it has failed. */
async function failed(
  nomad: Cluster,
  stem: string,
  config: object,
  group: object = noRestart,
): Promise<AllocationStub> {
  const job = nomad.id(stem);
  await nomad.submit(mockJob(job, config, { ...noDeployment, ...neverRescheduled, ...group }));
  return await nomad.allocation(job, "failed");
}

contract("tasks", (test) => {
  test("a crash is told by its exit code, and by what the client does then", async ({ nomad }) => {
    const restarts = { RestartPolicy: { Attempts: 1, Interval: 300e9, Delay: 1e9, Mode: "fail" } };
    const { TaskStates, ClientDescription } = await failed(nomad, "crash", failing, restarts);
    const server = TaskStates?.server;
    expect(ClientDescription).toBe("Failed tasks");
    expect(server).toMatchObject({ State: "dead", Failed: true, Restarts: 1 });
    expect(types(server)).toEqual([
      ...["Received", "Task Setup", "Started", "Terminated", "Restarting"],
      ...["Started", "Terminated", "Not Restarting"],
    ]);
    expect(event(server, "Terminated")?.Details).toMatchObject({ exit_code: "3", signal: "0", oom_killed: "false" });
    expect(Number(event(server, "Restarting")?.Details?.start_delay)).toBeGreaterThanOrEqual(1e9);
    expect(event(server, "Not Restarting")?.DisplayMessage).toMatch(/^Exceeded allowed attempts 1 in interval 5m0s/);
    expect(Date.parse(server?.FinishedAt ?? "")).toBeGreaterThan(Date.parse(server?.StartedAt ?? ""));
  });

  test("an end by a signal and one by a message", async ({ nomad }) => {
    const signalled = await failed(nomad, "signal", { run_for: "1s", exit_code: 137, exit_signal: 9 });
    expect(event(signalled.TaskStates?.server, "Terminated")?.Details).toMatchObject({ exit_code: "137", signal: "9" });
    const told = await failed(nomad, "message", { run_for: "1s", exit_code: 1, exit_err_msg: "it broke" });
    expect(event(told.TaskStates?.server, "Terminated")?.Details).toMatchObject({
      exit_code: "1",
      exit_message: "it broke",
    });
  });

  test("what cannot be started is a driver failure", async ({ nomad }) => {
    const { TaskStates } = await failed(nomad, "start", { start_error: "no such image" });
    expect(types(TaskStates?.server)).toEqual(["Received", "Task Setup", "Driver Failure", "Not Restarting"]);
    expect(event(TaskStates?.server, "Driver Failure")?.DisplayMessage).toMatch(/no such image/);
    expect(TaskStates?.server).toMatchObject({ State: "dead", Failed: true, StartedAt: null });
  });

  test("a main task waits for the prestart task and ends with the one that fails", async ({ nomad }) => {
    const job = nomad.id("lifecycle");
    const task = (Name: string, Config: object, more: object = {}) => ({
      Name,
      Driver: "mock_driver",
      Config,
      ...more,
    });
    const Tasks = [
      task("init", { run_for: "2s" }, { Lifecycle: { Hook: "prestart" } }),
      task("server", { run_for: "1h" }),
      task("other", failing),
    ];
    await nomad.submit(mockJob(job, {}, { Tasks, ...noRestart, ...noDeployment, ...neverRescheduled }));
    const [placed] = await nomad.allocations(job, (all) => all[0]?.TaskStates?.init?.State === "running");
    // It calls itself running while its main tasks wait (nomad-observed.md §1).
    expect(placed).toMatchObject({
      ClientStatus: "running",
      TaskStates: { server: { State: "pending", StartedAt: null } },
    });
    const { TaskStates } = await nomad.allocation(job, "failed");
    expect(TaskStates).toMatchObject({
      init: { State: "dead", Failed: false },
      other: { State: "dead", Failed: true },
    });
    expect(types(TaskStates?.server)).toEqual(
      expect.arrayContaining(["Started", "Sibling Task Failed", "Killing", "Terminated"]),
    );
  });

  test("a reschedule is a new allocation that tells of the old one, and the old one of it", async ({ nomad }) => {
    const job = nomad.id("rescheduled");
    await nomad.submit(mockJob(job, failing, { ...noRestart, ...noDeployment, ...onceRescheduled }));
    const [first, second] = await nomad.allocations(
      job,
      (all) => all.length === 2 && all.every((one) => one.ClientStatus === "failed"),
    );
    expect(first).toMatchObject({ NextAllocation: second?.ID, DesiredStatus: "stop", Name: `${job}.api[0]` });
    expect(second).toMatchObject({
      NextAllocation: "",
      DesiredStatus: "run",
      FollowupEvalID: "",
      Name: `${job}.api[0]`,
    });
    expect(second?.RescheduleTracker?.Events).toHaveLength(1);
    const read = await nomad.get<Allocation>(`/v1/allocation/${second?.ID}`);
    expect(read).toMatchObject({ PreviousAllocation: first?.ID, Job: { ID: job, Version: 0 } });
    const evaluation = await nomad.get<Evaluation>(`/v1/evaluation/${second?.EvalID}`);
    expect(evaluation).toMatchObject({ TriggeredBy: "alloc-reschedule", Status: "complete" });
  });

  test("a deployment tells how it ended, and a failed one why", async ({ nomad }) => {
    const job = nomad.id("deployed");
    await nomad.submit(mockJob(job, {}, quickDeployment));
    const good = await nomad.deployment(job, "successful");
    expect(good).toMatchObject({ StatusDescription: "Deployment completed successfully", JobVersion: 0 });
    expect(good.TaskGroups?.api).toMatchObject({
      DesiredTotal: 1,
      PlacedAllocs: 1,
      HealthyAllocs: 1,
      UnhealthyAllocs: 0,
    });
    const healthy = await nomad.allocation(job, "running");
    expect(healthy.DeploymentStatus).toMatchObject({ Healthy: true, Canary: false });
    const scale = await nomad.get<ScaleStatus>(`/v1/job/${job}/scale`);
    expect(scale).toMatchObject({
      JobStopped: false,
      TaskGroups: { api: { Desired: 1, Running: 1, Healthy: 1, Unhealthy: 0 } },
    });
    await nomad.submit(mockJob(job, failingAtOnce, { ...quickDeployment, ...noRestart, ...neverRescheduled }));
    const bad = await nomad.deployment(job, "failed");
    expect(bad).toMatchObject({ StatusDescription: "Failed due to unhealthy allocations", JobVersion: 1 });
    const hasEvent = (all: AllocationStub[]) =>
      all.some((one) => types(one.TaskStates?.server).includes("Alloc Unhealthy"));
    const [, unhealthy] = await nomad.allocations(job, hasEvent);
    expect(unhealthy?.DeploymentStatus).toMatchObject({ Healthy: false, Canary: false });
    const empty = await nomad.get<ScaleStatus>(`/v1/job/${job}/scale`);
    expect(empty.TaskGroups?.api).toMatchObject({ Desired: 1, Running: 0 });
  });

  test("a batch job that ends is dead, its allocation complete", async ({ nomad }) => {
    const job = nomad.id("ends");
    await nomad.submit(mockJob(job, ending, {}, { Type: "batch" }));
    const { TaskStates } = await nomad.allocation(job, "complete");
    expect(TaskStates?.server).toMatchObject({ State: "dead", Failed: false, Restarts: 0 });
    expect(types(TaskStates?.server)).toEqual(["Received", "Task Setup", "Started", "Terminated"]);
    await nomad.until<{ Status: string }>(`/v1/job/${job}`, ({ Status }) => Status === "dead");
  });

  test("what an allocation was given, uses, and has for checks", async ({ nomad }) => {
    const job = nomad.id("given");
    const Networks = [{ DynamicPorts: [{ Label: "http", To: 8080 }] }];
    const checked = {
      Name: job,
      Provider: "nomad",
      PortLabel: "http",
      Checks: [{ Name: "up", Type: "tcp", Interval: 1e9, Timeout: 1e9 }],
    };
    await nomad.submit(mockJob(job, {}, { Networks, Services: [checked], ...noDeployment }));
    const { ID } = await nomad.allocation(job, "running");
    const { AllocatedResources } = await nomad.get<Allocation>(`/v1/allocation/${ID}`);
    expect(AllocatedResources?.Tasks?.server).toMatchObject({ Cpu: { CpuShares: 20 }, Memory: { MemoryMB: 16 } });
    const [port] = AllocatedResources?.Shared?.Ports ?? [];
    expect(port).toMatchObject({ Label: "http", To: 8080, HostIP: expect.any(String) });
    expect(port?.Value).toBeGreaterThanOrEqual(20_000);
    // A node measures now and then, and may not have yet.
    expect(await nomad.get(`/v1/client/allocation/${ID}/stats`)).toMatchObject({ Tasks: expect.any(Object) });
    type Checks = Record<string, { Check: string; Service: string; Status: string; Mode: string }>;
    const checks = await nomad.until<Checks | null>(
      `/v1/client/allocation/${ID}/checks`,
      (now) => Object.keys(now ?? {}).length > 0,
    );
    expect(Object.values(checks ?? {})).toMatchObject([{ Check: "up", Service: job, Mode: "healthiness" }]);
  });

  test("a node tells its datacenter, pool, drivers and, asked for them, its resources", async ({ nomad }) => {
    const bare = await nomad.get<NodeStub[]>("/v1/nodes", { per_page: 50 });
    const sized = await nomad.get<NodeStub[]>("/v1/nodes", { resources: true, per_page: 20 });
    for (const node of bare) {
      expect(node).toMatchObject({
        NodePool: "default",
        Status: expect.any(String),
        SchedulingEligibility: expect.any(String),
      });
      expect(node.NodeResources ?? null).toBeNull();
    }
    for (const { NodeResources } of sized)
      expect(NodeResources).toMatchObject({
        Cpu: { CpuShares: expect.any(Number) },
        Memory: { MemoryMB: expect.any(Number) },
      });
    expect(await nomad.get<string[]>("/v1/regions")).toEqual([expect.any(String)]);
  });
});
