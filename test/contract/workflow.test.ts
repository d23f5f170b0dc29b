import { readdirSync, readFileSync } from "node:fs";
import { expect, test as plain } from "vitest";
import { shopFile } from "../../src/commands/tour-job.ts";
import { openSession } from "../support/session.ts";
import { contract } from "./support/contract.ts";

/** The job file of the tour, for a job of another name. */
const file = (job: string, options: Parameters<typeof shopFile>[0]) =>
  shopFile(options).replace('job "shop"', `job "${job}"`);

contract("the workflow", (test) => {
  test("a job file that cannot be placed is mended, runs, and breaks; each time it is said why", async ({ nomad }) => {
    const job_id = nomad.id("shop");
    const submitted = await nomad.tell("submit_job_file", { job_file: file(job_id, { memory: 9_000_000 }) });
    expect(submitted).toMatch(new RegExp(`^${job_id} created \\(namespace default\\); not placed: 0 of 2 running`));
    const why =
      /no node has 9,000,000 MB of memory for task server; \d+ of \d+ nodes? (is|are) too small, the largest has [\d,]+ MB/;
    expect(submitted).toMatch(why);
    const unplaced = await nomad.tell("get_job_status", { job_id });
    expect(unplaced).toMatch(
      new RegExp(`^${job_id} \\(service, namespace default\\): not placed: 0 of 2 running, version 0 `),
    );
    expect(unplaced).toMatch(why);
    const evaluations = await nomad.tell("get_job_evaluations", { job_id });
    expect(evaluations).toMatch(
      /: 2 allocations cannot be placed; Nomad tries again by itself when the cluster changes\nWhy: /,
    );
    expect(evaluations).toMatch(why);
    expect(evaluations).toMatch(
      /queued-allocs +blocked +2 not placed\n[0-9a-f]{8} .*job-register +complete +2 not placed/,
    );
    expect(await nomad.tell("get_allocation_status", { job_id })).toMatch(/nothing of it was placed/);
    expect(await nomad.tell("get_job_logs", { job_id })).toMatch(/has no log: nothing of it was placed/);

    const mended = await nomad.tell("submit_job_file", { job_file: file(job_id, {}) });
    expect(mended).toMatch(/updated to version 1 \(namespace default\); running: 2 of 2 healthy/);
    expect(await nomad.tell("get_job_status", { job_id })).toMatch(
      /: running: 2 of 2 healthy \(no check: ran for [^)]+\), version 1 [\s\S]*\napi\[0\] [\s\S]*\napi\[1\] /,
    );
    expect(await nomad.tell("list_nomad_jobs", { prefix: job_id })).toMatch(
      /^1 job in namespace default\n\njob [\s\S]*\n\S+ +service +running +2 of 2 +0 +0 +0 /,
    );
    const logs = await nomad.tell("get_job_logs", { job_id });
    expect(logs).toMatch(
      /^\S+: task server of api\[\d\] \([0-9a-f]{8} on \S+\), chosen as the newest running one: running for /,
    );
    expect(logs).toMatch(/^stderr: nothing logged$/m);
    expect(logs).toMatch(/^\| shop is open$/m);
    expect(await nomad.tell("submit_job_file", { job_file: file(job_id, {}) })).toMatch(
      /unchanged and evaluated again, version 1 \(namespace default\); running: 2 of 2 healthy/,
    );

    const crash = /api\[\d\] \([0-9a-f]{8} on \S+\): task server exits with code 1/;
    const fatal = /^ +\| FATAL: cannot reach payments\.internal:8443$/m;
    const broken = await nomad.tell("submit_job_file", { job_file: file(job_id, { crashes: true }) });
    expect(broken).toMatch(/updated to version 2 \(namespace default\); (crash looping|failed)\b/);
    for (const answer of [broken, await nomad.tell("get_job_status", { job_id })]) {
      expect(answer).toMatch(crash);
      expect(answer).toMatch(fatal);
      // One of two was replaced: the other one runs on.
      expect(answer).toMatch(/\b1 of 2( healthy|, 1 running)/);
    }
    expect(await nomad.tell("get_allocation_status", { job_id, status: "failed" })).toMatch(
      /task server exits with code 1/,
    );
    expect(await nomad.tell("get_job_logs", { job_id, stream: "stderr" })).toMatch(/^\| FATAL: cannot reach payments/m);
    expect(await nomad.tell("list_nomad_jobs", { prefix: job_id, only_trouble: true })).toMatch(
      /partly failed: a task exits with code 1 +1 of 2 /,
    );
    expect(await nomad.tell("submit_job_file", { job_file: file(job_id, {}) })).toMatch(
      /updated to version 3 \(namespace default\); running: 2 of 2 healthy/,
    );
  });

  test("a job that runs is restarted, evaluated, stopped, started and purged", async ({ nomad }) => {
    const job_id = nomad.id("open");
    await nomad.tell("submit_job_file", { job_file: file(job_id, {}) });
    const before = await nomad.allocations(job_id, (all) => all.every((one) => one.ClientStatus === "running"));
    expect(await nomad.tell("restart_job", { job_id })).toMatch(
      /restarted \(namespace default\); 2 of 2 allocations in \d+s, running: 2 of 2 healthy/,
    );
    const after = await nomad.allocations(job_id, (all) => all.every((one) => one.ClientStatus === "running"));
    expect(after.map(({ ID, TaskStates }) => [ID, TaskStates?.server?.Restarts])).toEqual(
      before.map(({ ID }) => [ID, 1]),
    );
    expect(await nomad.tell("force_evaluate_job", { job_id })).toMatch(
      /evaluated again \(namespace default\); nothing was placed, since all that should run does\nrunning: 2 of 2 healthy/,
    );
    expect(await nomad.tell("stop_job", { job_id })).toMatch(/stopped \(namespace default\); 2 allocations ended/);
    expect(await nomad.tell("get_job_status", { job_id })).toMatch(
      /: stopped .*: nothing of it runs\nNext: start_job job_id=/,
    );
    expect(await nomad.tell("stop_job", { job_id })).toMatch(
      /was stopped already \(namespace default\); nothing of it runs/,
    );
    expect((await nomad.call("restart_job", { job_id })).text).toMatch(/runs, so nothing was restarted: stopped /);
    expect(await nomad.tell("start_job", { job_id })).toMatch(
      /started again \(namespace default\); 2 allocations placed, running: 2 of 2 healthy/,
    );
    expect(await nomad.tell("stop_job", { job_id, purge: true })).toMatch(
      /stopped and purged \(namespace default\); 2 allocations ended/,
    );
    for (const tool of ["get_job_status", "start_job", "stop_job"]) {
      const { text, isError } = await nomad.call(tool, { job_id });
      expect([isError, text]).toEqual([true, expect.stringMatching(/^There is no job .* It was purged: /)]);
    }
  });
});

plain("the contract suite calls each tool", async () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"));
  const text = files.map((name) => readFileSync(`${import.meta.dirname}/${name}`, "utf8")).join("\n");
  const session = await openSession({ address: "http://127.0.0.1:9" });
  const { tools } = await session.client.listTools();
  await session.close();
  expect(tools.map(({ name }) => name).filter((name) => !text.includes(`("${name}"`))).toEqual([]);
});
