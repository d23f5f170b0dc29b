import { afterEach, beforeEach, expect, test } from "vitest";
import type { Deployment } from "../../src/endpoints/deployments.ts";
import type { Job } from "../../src/endpoints/job.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function start(args: Record<string, unknown>) {
  const { text, isError } = await session.call("start_job", args);
  return { text: steady(text), isError };
}
const job = (id: string) => session.nomad<Job>("GET", `/v1/job/${id}`);
async function stop(id: string) {
  await session.nomad("DELETE", `/v1/job/${id}`);
  await session.clock.advance(5_000);
}

test("a stopped job runs again, with the source of its version and nothing else changed", async () => {
  const before = await job("cache");
  const { text, isError } = await start({ job_id: "cache" });
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(
    `
    "cache started again (namespace default); 1 allocation placed, running: 1 of 1 healthy (no check: ran for 10s) after <span>
    Ports: redis 10.0.1.11:6379"
  `,
  );
  expect(session.changes()).toEqual(["POST /v1/job/cache?namespace=default"]);
  const after = await job("cache");
  expect(after).toMatchObject({ Stop: false, Version: before.Version + 1, TaskGroups: before.TaskGroups });
  const source = (version: number) =>
    session.nomad<{ Source: string }>("GET", `/v1/job/cache/submission?version=${version}`);
  expect((await source(after.Version)).Source).toBe((await source(before.Version)).Source);
});

test("scaling that the stop disabled is enabled again, as the source has it", async () => {
  const scaling = { Scaling: { Min: 1, Max: 3, Enabled: true } };
  await session.register(mockJob("scaled", {}, scaling));
  await stop("scaled");
  expect((await job("scaled")).TaskGroups?.[0]?.Scaling?.Enabled).toBe(false);
  const { text } = await start({ job_id: "scaled" });
  expect((await job("scaled")).TaskGroups?.[0]?.Scaling?.Enabled).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"scaled started again (namespace default); 1 allocation placed, running: 1 of 1 healthy (no check: ran for 10s) after <span>"`,
  );
});

test("scaling stays disabled where no source is stored, and that is said", async () => {
  await session.nomad("POST", "/v1/jobs", { Job: mockJob("scaled", {}, { Scaling: { Min: 1, Max: 3 } }) });
  await stop("scaled");
  const { text } = await start({ job_id: "scaled" });
  expect((await job("scaled")).TaskGroups?.[0]?.Scaling?.Enabled).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "scaled started again (namespace default); 1 allocation placed, running: 1 of 1 healthy (no check: ran for 10s) after <span>
    Scaling of group api stays disabled as the stop left it: no source of the job is stored to restore it from. Submit its job file to enable it."
  `);
});

test("a dead service whose failed allocation keeps its place is not started by it: why, and what is", async () => {
  const restart = { RestartPolicy: { Attempts: 0, Interval: 300e9, Delay: 1e9, Mode: "fail" } };
  const never = { ReschedulePolicy: { Attempts: 0, Unlimited: false } };
  await session.register(mockJob("dead", { run_for: "1s", exit_code: 3 }, { ...restart, ...never }), 30);
  await stop("dead");
  const { text, isError } = await start({ job_id: "dead" });
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "dead started again (namespace default); nothing was placed, since group api may not be rescheduled, so that a failed allocation keeps its place
    dead: 0 of 1 running, version 2 submitted <age>
    Why: api[0] (d30e9528 on client-1) of version 0: task server exits with code 3; not started again, since its deployment has failed
         (it logged nothing)
    Next: submit_job_file with any change of the group, such as its reschedule block, or stop_job job_id=dead purge=true, then submit_job_file with the same file"
  `);
});

test("a crash is told with its reason, before the deployment fails", async () => {
  const restart = { RestartPolicy: { Attempts: 2, Interval: 300e9, Delay: 1e9, Mode: "fail" } };
  await session.register(mockJob("crashes", { run_for: "1h" }, restart));
  await stop("crashes");
  const stopped = await job("crashes");
  const [group] = stopped.TaskGroups ?? [];
  const task = { ...group?.Tasks?.[0], Config: { run_for: "1s", exit_code: 7, stderr_string: "no disk left\n" } };
  await session.nomad("POST", "/v1/jobs", { Job: { ...stopped, TaskGroups: [{ ...group, Tasks: [task] }] } });
  await session.clock.advance(5_000);
  const { text } = await start({ job_id: "crashes" });
  expect(text).toMatch(/^crashes started again .*; 1 allocation placed, crash looping: /);
  expect(text).toContain("task server exits with code 7");
  expect(text).toContain("| no disk left");
  const deployments = await session.nomad<Deployment[]>("GET", "/v1/job/crashes/deployments");
  expect(deployments.sort((one, other) => other.JobVersion - one.JobVersion)[0]?.Status).toBe("running");
});

test("what cannot be placed", async () => {
  await stop("ml-train");
  const { text } = await start({ job_id: "ml-train" });
  expect(text).toMatchInlineSnapshot(`
    "ml-train started again (namespace default); not placed: 0 of 1 finished
    Why: 2 of 3 nodes do not have 64,000 MB of memory for task train; they are too small, the largest has 8,192 MB; the driver docker is missing or unhealthy on 1 of 3 nodes
    Next: ask for less than 8,192 MB, or add a larger node"
  `);
});

test("a running job is said to run", async () => {
  const { text, isError } = await start({ job_id: "web" });
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "web is not stopped (namespace default), so nothing was started
    running: 3 of 3 healthy, version 0 submitted <age>"
  `);
  expect(session.changes()).toEqual([]);
});

test("a finished batch has finished, and how it runs again", async () => {
  await session.register(mockJob("once", { run_for: "1s" }, {}, { Type: "batch" }));
  const { text } = await start({ job_id: "once" });
  expect(text).toMatchInlineSnapshot(`
    "once is not stopped (namespace default), so nothing was started
    complete: 1 of 1 finished, version 0 submitted <age>
    Next: to run it again: stop_job job_id=once, then start_job job_id=once"
  `);
  await stop("once");
  expect((await start({ job_id: "once" })).text).toMatchInlineSnapshot(
    `"once started again (namespace default); 1 allocation placed, complete: 1 of 1 finished after <span>"`,
  );
});

test("a periodic job launches again", async () => {
  await stop("nightly-report");
  const { text } = await start({ job_id: "nightly-report" });
  expect(text.replace(/launch in \S+/, "launch in <span>")).toMatchInlineSnapshot(
    `"nightly-report started again (namespace default); registered: next launch in <span> (2026-11-21T02:00:00Z), cron "0 2 * * *" UTC; last run nightly-report/periodic-1795140000 finished (exit code 0), started <age>, version 2"`,
  );
});

test("a purged job is gone, and nothing is sent", async () => {
  await session.nomad("DELETE", "/v1/job/cache?purge=true");
  session.changes();
  const { text, isError } = await start({ job_id: "cache" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"There is no job "cache" in namespace default. It was purged: nothing of it is kept; submit its job file again. Nothing was changed."`,
  );
  expect(session.changes()).toEqual([]);
});
