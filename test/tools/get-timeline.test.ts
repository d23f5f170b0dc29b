import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { restartedForEver } from "../cases/case.ts";
import { noDeployment, nowhere, quickDeployment } from "../contract/support/jobs.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { guard } from "../support/guard.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const minute = 60_000;
const tell = async (args: Record<string, unknown> = {}) => {
  const { text, isError } = await session.call("get_timeline", args);
  expect(isError, text).toBe(false);
  return text;
};
/** It is started again in place, for ever. */
const crashing = (id: string) => mockJob(id, { run_for: "8s", exit_code: 1 }, { ...noDeployment, ...restartedForEver });

/** A quarter of an hour in which somebody works, a node goes and comes back, and one job crashes all the time. */
async function aMorning() {
  await session.register(crashing("payments"), 600);
  await session.register(mockJob("shop", {}, quickDeployment), 60);
  await session.register(mockJob("shop", { run_for: "2h" }, quickDeployment), 60);
  await session.register(mockJob("train", {}, nowhere), 60);
  session.demo.setNodeStatus("client-2", "down");
  await session.clock.advance(minute);
  session.demo.setNodeStatus("client-2", "ready");
  await session.clock.advance(6 * minute);
}

test("where nothing failed the first line says what had no place", async () => {
  await aMorning();
  const [first] = (await tell({ since: "12m", until: "5m", job_id: "train" })).split("\n");
  expect(first).toMatch(
    /^What happened from .* of job train .*: train: no place for group api: the constraint .* is not met$/,
  );
});

test("what happened between two moments, with one job that crashes all the time", async () => {
  await aMorning();
  expect(await tell({ since: "12m", until: "5m" })).toMatchInlineSnapshot(`
    "What happened from 20:08:00 to 20:15:00 UTC in namespace default (4 jobs and 1 node): payments: server exits with code 1, 98 times since 20:00:00

    20:10:00 shop: version 0 submitted
    20:10:02 shop: deployment of version 0 successful
    20:11:00 shop: version 1 submitted
    20:11:02 shop: deployment of version 1 successful
    20:12:00 train: version 0 submitted
    20:12:00 train: no place for group api: the constraint \${attr.kernel.name} = plan9 is not met
    20:13:00 node client-2: heartbeat missed
    20:14:00 node client-2: reregistered by heartbeat
    20:14:34 checkout: worker exits with code 1 (7 times since 20:09:08)
    20:15:04 payments: server exits with code 1 (98 times since 20:00:00)

    Counts since before 20:08:00 are not of this time alone: of what restarts in place Nomad keeps only the last times.

    Next: diagnose_job job_id=payments"
  `);
});

test("of a job that is started again in place Nomad keeps the last times: the failures before are counted", async () => {
  await session.register(crashing("loops"), 600);
  expect(await tell({ job_id: "loops", since: "20s" })).toMatchInlineSnapshot(`
    "What happened from 20:09:40 to 20:10:00 UTC of job loops in namespace default (1 job): loops: server exits with code 1, 2 times

    20:09:53 loops: server exits with code 1 (2 times since 20:09:44)

    Next: diagnose_job job_id=loops"
  `);
  // Of this time none is kept by itself.
  expect(await tell({ job_id: "loops", since: "8m", until: "5m" })).toMatchInlineSnapshot(`
    "What happened from 20:02:00 to 20:05:00 UTC of job loops in namespace default (1 job): loops: server exits with code 1, 62 times since 20:00:00

    20:09:35 loops: server exits with code 1 (62 times since 20:00:00)

    Counts since before 20:02:00 are not of this time alone: of what restarts in place Nomad keeps only the last times.

    Next: diagnose_job job_id=loops"
  `);
});

test("what is done to a job, and to runs of one", async () => {
  await session.register(mockJob("param", { run_for: "1s" }, {}, { Type: "batch", ParameterizedJob: {} }));
  for (let run = 0; run < 3; run++) await session.nomad("POST", "/v1/job/param/dispatch", {});
  await session.register(mockJob("shop", {}, { Count: 2, ...noDeployment }));
  const [allocation] = await session.nomad<{ ID: string }[]>("GET", "/v1/job/shop/allocations");
  await session.nomad("POST", `/v1/allocation/${allocation?.ID}/stop`);
  await session.clock.advance(5_000);
  await session.nomad("POST", "/v1/job/shop/scale", { Count: 3, Target: { Group: "api" } });
  await session.nomad("POST", "/v1/job/shop/evaluate", { JobID: "shop" });
  await session.clock.advance(5_000);
  await session.nomad("DELETE", "/v1/job/shop");
  await session.clock.advance(5_000);
  expect(await tell({ since: "1m" })).toMatchInlineSnapshot(`
    "What happened from 19:59:45 to 20:00:45 UTC in namespace default (3 jobs): checkout: worker exits with code 1

    20:00:15 param: a run was dispatched (3 times since 20:00:15)
    20:00:15 shop: submitted
    20:00:30 shop: an allocation was stopped by hand
    20:00:35 shop: scaled
    20:00:35 shop: evaluated again, or submitted unchanged
    20:00:37 checkout: worker exits with code 1
    20:00:40 shop: stopped

    Next: diagnose_job job_id=checkout"
  `);
});

test("a drain: what happened to the node, and what left it", async () => {
  await session.register(mockJob("shop", {}, { Count: 3, ...noDeployment }), 60);
  session.demo.drainNode("client-1");
  await session.clock.advance(20_000);
  const text = await tell({ since: "40s" });
  expect(text).toMatch(/\n\S+ node client-1: drain /);
  expect(text).toMatch(/\n\S+ shop: leaves client-1 \(alloc is being migrated\)/);
  expect(text).not.toMatch(/node :|changed, its jobs/);
});

test("of one job, of one node, and no more lines than asked", async () => {
  await aMorning();
  expect(await tell({ job_id: "shop" })).toMatchInlineSnapshot(`
    "What happened from 19:50:00 to 20:20:00 UTC of job shop in namespace default (1 job): nothing failed

    20:10:00 shop: version 0 submitted
    20:10:02 shop: deployment of version 0 successful
    20:11:00 shop: version 1 submitted
    20:11:02 shop: deployment of version 1 successful"
  `);
  expect(await tell({ node: "client-2" })).toMatchInlineSnapshot(`
    "What happened from 19:50:00 to 20:20:00 UTC of node client-2 in namespace default (1 job and 1 node): checkout: worker exits with code 1, 3 times

    20:07:22 checkout: worker exits with code 1 (3 times since 20:05:07)
    20:13:00 node client-2: heartbeat missed
    20:14:00 node client-2: reregistered by heartbeat

    Next: diagnose_job job_id=checkout"
  `);
  const few = await tell({ limit: 2 });
  expect(few).toMatchInlineSnapshot(`
    "What happened from 19:50:00 to 20:20:00 UTC in namespace default (4 jobs and 1 node): payments: server exits with code 1, 101 times

    20:15:23 payments: server exits with code 1 (101 times since 20:00:00)
    20:18:59 checkout: worker exits with code 1 (32 times since 19:50:33)

    The newest 2 of 11 lines.

    Next: diagnose_job job_id=payments, or get_timeline since=2026-11-20T19:50:00Z until=2026-11-20T20:15:23Z for what was before"
  `);
  const [, since, until] = /get_timeline since=(\S+) until=(\S+)/.exec(few) ?? [];
  expect(await tell({ since, until })).toMatch(/\n20:11:00 shop: version 1 submitted\n/);
});

test("a job that is called otherwise, or is not there, and a time that is none", async () => {
  await aMorning();
  expect(await tell({ job_id: "sho", since: "1h" })).toMatch(
    /^\(sho taken as shop, the only job that begins so\)\n.*job shop /,
  );
  expect(await tell({ since: "1m" })).toMatchInlineSnapshot(
    `"Nothing is known to have happened from 20:19:00 to 20:20:00 UTC in namespace default; namespace=* looks at all of them"`,
  );
  for (const [args, words] of [
    [{ job_id: "shpo" }, 'There is no job "shpo" in namespace default. Nearest: shop.'],
    [{ since: "yesterday" }, /^since="yesterday" is no time: write how long ago \("20m", "1h30m", "2d"\) or /],
    [{ since: "5m", until: "10m" }, /^since \(\S+\) is not before until /],
  ] as const) {
    const { text, isError } = await session.call("get_timeline", args);
    expect([isError, text]).toEqual([true, expect.stringMatching(words)]);
  }
});

test("in all namespaces jobs are told with theirs", async () => {
  await session.register(mockJob("billing-2", {}, noDeployment, { Namespace: "prod" }));
  expect(await tell({ namespace: "*", since: "1m" })).toMatch(/\n\S+ billing-2 \(prod\): submitted/);
  expect(await tell({ since: "1m" })).not.toMatch("billing-2");
});

test("without the right to read nodes it tells the rest, and says so", async () => {
  await aMorning();
  const watching = guard(["list-jobs", "read-job"]);
  onTestFinished(() => watching.remove());
  const { result } = await watching.watch(() => session.call("get_timeline", { since: "12m", until: "5m" }));
  expect(result.text).toMatch(/\n20:11:00 shop: version 1 submitted\n/);
  expect(result.text).toMatch(/\nNot seen: nodes \(the token needs node \{ policy = "read" \}\)\.\n/);
});
