import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { contract } from "./support/contract.ts";
import { ending, noDeployment } from "./support/jobs.ts";

const task = (Name: string, Config: object = {}, more: object = {}) => ({
  ...{ Name, Driver: "mock_driver", Config: { run_for: "1h", ...Config }, Resources: { CPU: 20, MemoryMB: 16 } },
  ...more,
});
const short = ({ ID }: AllocationStub) => ID.slice(0, 8);
const named = (of: AllocationStub) => `api\\[0\\] \\(${short(of)} on \\S+\\) of \\S+`;

contract("the tools of allocations", (test) => {
  test("a service's allocation is stopped and replaced; a repeat changes nothing", async ({ nomad }) => {
    const id = await nomad.running("stop-service", {}, noDeployment);
    const before = await nomad.allocation(id, "running");
    const told = await nomad.tell("stop_allocation", { allocation_id: short(before) });
    expect(told).toMatch(
      new RegExp(`^${named(before)} stopped \\(namespace default\\); replaced by \\w{8} on \\S+; running: 1 of 1 `),
    );
    const [first, second] = await nomad.allocations(id, (all) => all.length === 2);
    expect(first).toMatchObject({ ID: before.ID, ClientStatus: "complete", NextAllocation: second?.ID });
    expect(told).toContain(`replaced by ${second?.ID.slice(0, 8)} `);
    expect(await nomad.tell("stop_allocation", { allocation_id: short(before) })).toMatch(
      new RegExp(
        `^${named(before)} was stopped .*; ${second?.ID.slice(0, 8)} is in its stead. Nothing was changed\\.$`,
      ),
    );
  });

  test("a batch job's begins anew, a system job's node stays without one", async ({ nomad }) => {
    const batch = await nomad.running("stop-batch", {}, {}, { Type: "batch" });
    const sums = await nomad.allocation(batch, "running");
    expect(await nomad.tell("stop_allocation", { allocation_id: short(sums) })).toMatch(
      /; replaced by \w{8} on \S+, which is running$/,
    );
    const { Datacenters } = await nomad.oneNode();
    const system = await nomad.running("stop-system", {}, {}, { Type: "system", Datacenters });
    const [agent] = await nomad.allocations(system, (all) => all.length > 0);
    if (agent === undefined) throw new Error("unreachable");
    expect(await nomad.tell("stop_allocation", { allocation_id: short(agent) })).toMatch(
      new RegExp(
        `; nothing takes its place: a system job gets another one there only when it is evaluated again\nNext: force_evaluate_job job_id=${system} reschedule=true$`,
      ),
    );
    await nomad.tell("force_evaluate_job", { job_id: system, reschedule: true, wait_seconds: 5 });
    await nomad.allocations(system, (all) => all.some(({ ClientStatus }) => ClientStatus === "running"));
  });

  test("restarted together: of a job on one node, batch by batch, each once", async ({ nomad }) => {
    const id = await nomad.running("restart-many", {}, { Count: 4, ...noDeployment });
    const all = async () =>
      await nomad.allocations(
        id,
        (each) => each.length === 4 && each.every(({ ClientStatus }) => ClientStatus === "running"),
      );
    const [{ NodeName = "" } = {}] = await all();
    const here = (await all()).filter((each) => each.NodeName === NodeName);
    const args = { job_id: id, node: NodeName };
    const text = await nomad.tell("restart_allocations", { ...args, batch_size: 4 });
    expect(text).toMatch(
      new RegExp(
        `^what runs of ${id} on ${NodeName} restarted \\(namespace default\\); ${here.length} of ${here.length} `,
      ),
    );
    for (const { NodeName: node, TaskStates } of await all())
      expect([node, TaskStates?.server?.Restarts]).toEqual([node, node === NodeName ? 1 : 0]);
    const healthy = await nomad.call("restart_allocations", { ...args, only_unhealthy: true });
    expect([healthy.isError, healthy.text]).toEqual([true, expect.stringContaining("with no check that fails")]);
  });

  test("restarted where it is: what runs, one task, all; and what is refused", async ({ nomad }) => {
    const Tasks = [task("server"), task("side"), task("init", ending, { Lifecycle: { Hook: "prestart" } })];
    const id = await nomad.running("restart-one", {}, { Tasks, ...noDeployment });
    const [only] = await nomad.allocations(id, ([one]) =>
      ["server", "side"].every((name) => one?.TaskStates?.[name]?.State === "running"),
    );
    if (only === undefined) throw new Error("unreachable");
    const restarts = async () => {
      const [now] = await nomad.allocations(id, () => true);
      return Object.entries(now?.TaskStates ?? {})
        .map(([name, { Restarts }]) => `${name} ${Restarts}`)
        .sort();
    };
    const args = { allocation_id: short(only) };
    expect(await nomad.tell("restart_allocation", { ...args, task: "side" })).toMatch(
      new RegExp(`^task side of ${named(only)} restarted \\(namespace default\\); it is running`),
    );
    expect(await restarts()).toEqual(["init 0", "server 0", "side 1"]);
    expect(await nomad.tell("restart_allocation", args)).toMatch(/ restarted \(namespace default\); it is running/);
    expect(await restarts()).toEqual(["init 0", "server 1", "side 2"]);
    expect(await nomad.tell("restart_allocation", { ...args, all_tasks: true })).toMatch(
      new RegExp(`^all tasks of ${named(only)} restarted \\(namespace default\\); it is running`),
    );
    expect(await restarts()).toEqual(["init 1", "server 2", "side 3"]);
    const ended = await nomad.call("restart_allocation", { ...args, task: "init" });
    expect(ended.text).toMatch(/^Task init of .* does not run\. Nothing was changed\.\nNext: restart_allocation /);
    await nomad.stop(id);
    await nomad.allocation(id, "complete");
    const stopped = await nomad.call("restart_allocation", args);
    expect(stopped.isError).toBe(true);
    expect(stopped.text).toMatch(/^Only an allocation that runs is restarted, and .* was stopped /);
  });
});
