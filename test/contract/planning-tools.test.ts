import { expect } from "vitest";
import type { Job } from "../../src/endpoints/job.ts";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { ending, quickDeployment } from "./support/jobs.ts";

const task = (env: object, more: object = {}) => ({
  Name: "server",
  Driver: "mock_driver",
  Config: { run_for: "1h" },
  Resources: { CPU: 20, MemoryMB: 16 },
  Env: env,
  ...more,
});
const inTurn = { Update: { ...quickDeployment.Update, MaxParallel: 1 } };

contract("the tools that look before", (test) => {
  test("plan_job: what is new, the same, replaced, updated in place, and what would not fit", async ({ nomad }) => {
    const id = nomad.id("plan");
    const job = (env: object, group: object = {}, more: object = {}) =>
      JSON.stringify(mockJob(id, {}, { Count: 2, ...inTurn, Tasks: [task(env, more)], ...group }));
    const plan = (job_file: string) => nomad.tell("plan_job", { job_file });

    expect(await plan(job({ A: "1" }))).toMatch(
      /^contract-plan-\S+ \(namespace default\): would be created: 2 new\nNext: submit_job_file check_index=0 /,
    );
    await nomad.submit(JSON.parse(job({ A: "1" })));
    await nomad.deployment(id, "successful");
    expect(await plan(job({ A: "1" }))).toMatch(/: nothing would change; version 0 is as the file has it$/);
    expect(await plan(job({ A: "2" }))).toMatch(
      /: would become version 1: 2 replaced\nOrder: 2 are replaced 1 at a time, each healthy for 1s before the next; .*\nChanges:\n {2}group api > task server > env A: 1 -> 2\n/,
    );
    const more = await plan(job({ A: "2" }, { Count: 4 }));
    expect(more).toMatch(
      /: would become version 1: 2 new and 2 replaced\nOrder: 2 new first, then 2 are replaced 1 at a time/,
    );
    expect(more).toMatch(/and so 2 of api as ignored/);
    expect(await plan(job({ A: "1" }, { ShutdownDelay: 1e9 }))).toMatch(/version 1: 2 updated in place\nChanges:\n/);
    expect(await plan(job({ A: "1" }, { Spreads: [{ Attribute: `\${node.datacenter}`, Weight: 50 }] }))).toMatch(
      /2 updated in place\nChanges:\n {2}group api > spread changed\n/,
    );
    expect(await plan(job({ A: "1" }, {}, { Resources: { CPU: 20, MemoryMB: 900_000 } }))).toMatch(
      /2 replaced; nothing of that would fit now[\s\S]*Would not fit: 1, since no node has 900,000 MB of memory for task server; /,
    );
    expect(await nomad.get<Job>(`/v1/job/${id}`)).toMatchObject({ Version: 0 });
  });

  test("plan_job: the index binds the submission", async ({ nomad }) => {
    const id = nomad.id("bound");
    const job = (env: object, count: number) => JSON.stringify(mockJob(id, {}, { Count: count, Tasks: [task(env)] }));
    await nomad.submit(JSON.parse(job({ A: "1" }, 1)));
    const planned = await nomad.tell("plan_job", { job_file: job({ A: "2" }, 1) });
    const check_index = Number(/check_index=(\d+)/.exec(planned)?.[1]);
    await nomad.submit(JSON.parse(job({ A: "1" }, 2)));
    const refused = await nomad.call("submit_job_file", { job_file: job({ A: "2" }, 1), check_index });
    expect([refused.isError, refused.text]).toEqual([
      true,
      expect.stringMatching(
        /: version 1 was submitted .*; its index is \d+ now\. Nothing was submitted\.\nVersion 1, .*:\n {2}group api > count: 1 -> 2\nNext: plan_job /,
      ),
    ]);
  });

  test("plan_job: what runs on every node is not counted twice, and a plan of a run is none", async ({ nomad }) => {
    const id = nomad.id("everywhere");
    const { Datacenters, count } = await nomad.oneNode();
    const system = (env: object) =>
      JSON.stringify(mockJob(id, {}, { Tasks: [task(env)] }, { Type: "system", Datacenters }));
    expect(await nomad.tell("plan_job", { job_file: system({ A: "1" }) })).toContain(`would be created: ${count} new`);
    await nomad.submit(JSON.parse(system({ A: "1" })));
    expect(await nomad.tell("plan_job", { job_file: system({ A: "1" }) })).toMatch(/: nothing would change; /);
    expect(await nomad.tell("plan_job", { job_file: system({ A: "2" }) })).toContain(`version 1: ${count} replaced`);

    const Periodic = { Enabled: true, Specs: ["0 3 1 1 *"], SpecType: "cron" };
    const yearly = JSON.stringify(mockJob(nomad.id("yearly"), ending, {}, { Type: "batch", Periodic }));
    expect(await nomad.tell("plan_job", { job_file: yearly })).toMatch(
      /: would be created; it is periodic, so nothing starts now\nNext run: \d{4}-01-01T03:00:00Z, in /,
    );
  });

  test("plan_job and validate_job_file: what Nomad would refuse", async ({ nomad }) => {
    const id = nomad.id("refused");
    await nomad.submit(mockJob(id, ending, {}, { Type: "batch" }));
    const turned = await nomad.call("plan_job", { job_file: JSON.stringify(mockJob(id)) });
    expect([turned.isError, turned.text]).toEqual([
      true,
      expect.stringMatching(
        /^Nomad does not accept job \S+ Nothing was submitted\.\n {2}cannot update job from type "batch"/,
      ),
    ]);
    const submitted = await nomad.call("submit_job_file", { job_file: JSON.stringify(mockJob(id)) });
    expect(submitted.text).toContain('cannot update job from type "batch" to "service"');
    const wrong = JSON.stringify(mockJob(id, {}, { Tasks: [task({}, { Resources: { CPU: 0, MemoryMB: 16 } })] }));
    expect((await nomad.call("plan_job", { job_file: wrong })).text).toContain("minimum CPU value is 1; got 0");
    expect(await nomad.tell("validate_job_file", { job_file: wrong })).toMatch(
      /^\S+ \(namespace default\) is not valid, Nomad would refuse it:\n.*\n.*\n {2}minimum CPU value is 1; got 0/,
    );
  });

  test("validate_job_file: the remarks, and Nomad's warnings", async ({ nomad }) => {
    const Services = [{ Name: "web", Provider: "nomad" }];
    const job_file = JSON.stringify(
      mockJob("contract-valid", {}, { Services, Tasks: [task({ DB_PASSWORD: "hunter2" })] }),
    );
    expect(await nomad.tell("validate_job_file", { job_file })).toMatch(
      /^contract-valid \(namespace default\) is valid; 5 remarks, most serious first:\n {2}api > server: DB_PASSWORD in plain text: /,
    );
  });
});
