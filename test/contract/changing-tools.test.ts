import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import {
  ending,
  failing,
  neverRescheduled,
  noDeployment,
  noRestart,
  nowhere,
  onceRescheduled,
  quickDeployment,
} from "./support/jobs.ts";

contract("the tools that change", (test) => {
  test("start_job: what is stopped, and what is not", async ({ nomad }) => {
    const job_id = await nomad.running("start", {}, quickDeployment);
    await nomad.deployment(job_id, "successful");
    expect(await nomad.tell("start_job", { job_id })).toMatch(
      /is not stopped \(namespace default\), so nothing was started[\s\S]*running: 1 of 1 healthy/,
    );
    const dead = nomad.id("start-dead");
    await nomad.submit(mockJob(dead, failing, { ...noRestart, ...noDeployment, ...neverRescheduled }));
    await nomad.allocation(dead, "failed");
    await nomad.stop(dead);
    expect(await nomad.tell("start_job", { job_id: dead })).toMatch(
      /started again \(namespace default\); nothing was placed, since group api may not be rescheduled/,
    );
    const batch = nomad.id("start-batch");
    await nomad.submit(mockJob(batch, ending, {}, { Type: "batch" }));
    await nomad.allocation(batch, "complete");
    expect(await nomad.tell("start_job", { job_id: batch })).toMatch(/is not stopped [\s\S]*complete: 1 of 1 finished/);
    await nomad.stop(batch);
    expect(await nomad.tell("start_job", { job_id: batch })).toMatch(
      /started again \(namespace default\); 1 allocation placed, complete: 1 of 1 finished/,
    );
  });

  test("restart_job: by rescheduling, of one task, and what is refused", async ({ nomad }) => {
    const task = (Name: string) => ({
      Name,
      Driver: "mock_driver",
      Config: { run_for: "1h" },
      Resources: { CPU: 20, MemoryMB: 16 },
    });
    const job_id = await nomad.running("restart", {}, { Tasks: [task("server"), task("side")], ...noDeployment });
    const [before] = await nomad.allocations(job_id, () => true);
    expect(await nomad.tell("restart_job", { job_id, task: "side" })).toMatch(
      /1 of 1 allocation in \d+s, running: 1 of 1 /,
    );
    const [after] = await nomad.allocations(job_id, () => true);
    expect(after?.TaskStates).toMatchObject({ server: { Restarts: 0 }, side: { Restarts: 1 } });
    const replaced = await nomad.tell("restart_job", { job_id, reschedule: true });
    expect(replaced).toMatch(
      new RegExp(
        `1 of 1 allocation in \\d+s, [\\s\\S]*\nReplaced: api\\[0\\] \\(${before?.ID.slice(0, 8)} on \\S+\\) by [0-9a-f]{8}`,
      ),
    );
    for (const [args, words] of [
      [{ task: "nosuch" }, /has no task nosuch: api has server and side\. Nothing was restarted/],
      [{ group: "nosuch" }, /has no group nosuch: it has api\. Nothing was restarted/],
      [{ task: "side", reschedule: true }, /Nothing was restarted/],
    ] as const) {
      const { text, isError } = await nomad.call("restart_job", { job_id, ...args });
      expect([isError, text]).toEqual([true, expect.stringMatching(words)]);
    }
    const deploying = nomad.id("restart-deploying");
    await nomad.submit(
      mockJob(
        deploying,
        {},
        { Update: { MaxParallel: 1, MinHealthyTime: 60e9, HealthyDeadline: 120e9, ProgressDeadline: 180e9 } },
      ),
    );
    await nomad.allocation(deploying, "running");
    const { text, isError } = await nomad.call("restart_job", { job_id: deploying });
    expect([isError, text]).toEqual([
      true,
      expect.stringMatching(/was not restarted: deployment [0-9a-f]{8} of version 0 is running\. Nothing was changed/),
    ]);
  });

  test("restart_job: a batch job by rescheduling, and one larger than a call", async ({ nomad }) => {
    const job_id = await nomad.running("restart-batch", {}, {}, { Type: "batch" });
    expect(await nomad.tell("restart_job", { job_id, reschedule: true })).toMatch(/1 of 1 allocation in \d+s, /);
    const many = await nomad.running("restart-many", {}, { Count: 3, ...noDeployment });
    const first = await nomad.tell("restart_job", { job_id: many, wait_seconds: 2 });
    expect(first).toMatch(/restarted in part \(namespace default\); 1 of 3 allocations in (<1s|\d+s), 2 to go\n/);
    const cursor = /cursor=(\S+)/.exec(first)?.[1];
    expect(await nomad.tell("restart_job", { job_id: many, cursor })).toMatch(
      /restarted \(namespace default\); 3 of 3 allocations in /,
    );
    const all = await nomad.allocations(many, (now) => now.every((one) => one.ClientStatus === "running"));
    expect(all.map(({ TaskStates }) => TaskStates?.server?.Restarts)).toEqual([1, 1, 1]);
  });

  test("force_evaluate_job: what it places, and why nothing", async ({ nomad }) => {
    const used = nomad.id("force-used");
    await nomad.submit(mockJob(used, failing, { ...noRestart, ...noDeployment, ...onceRescheduled }));
    await nomad.allocations(used, (all) => all.length === 2 && all.every((one) => one.ClientStatus === "failed"));
    expect(await nomad.tell("force_evaluate_job", { job_id: used, reschedule: false })).toMatch(
      /nothing was placed, since its failed allocations wait for their delay, or their attempts are used up\n[\s\S]*\nNext: force_evaluate_job job_id=/,
    );
    expect(await nomad.tell("force_evaluate_job", { job_id: used })).toMatch(
      /; 1 allocation placed, [\s\S]*task server exits with code 3/,
    );
    const blocked = nomad.id("force-blocked");
    await nomad.submit(mockJob(blocked, {}, nowhere));
    expect(await nomad.tell("force_evaluate_job", { job_id: blocked })).toMatch(
      /; not placed: 0 of 1 running[\s\S]*plan9/,
    );
    const { text, isError } = await nomad.call("force_evaluate_job", { job_id: nomad.id("force-none") });
    expect([isError, text]).toEqual([true, expect.stringMatching(/^There is no job .* Nothing was changed\.$/)]);
  });
});
