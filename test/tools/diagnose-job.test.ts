import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { neverRescheduled, noRestart, quickDeployment } from "../contract/support/jobs.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function diagnose(args: Record<string, unknown>) {
  const { text, isError } = await session.call("diagnose_job", args);
  return { text: still(text), isError };
}

/** Without what a second more or less changes: at the round times of the demo's past it decides. */
function still(text: string): string {
  return steady(text)
    .replaceAll(/(next (?:restart|launch) in) \S+/g, "$1 <span>")
    .replace(/nothing in the job for \S+/, "nothing in the job for <span>");
}

describe("what is wrong", () => {
  test("a crash loop: exit code, log, since when the job is as it is, the last hour", async () => {
    const { text, isError } = await diagnose({ job_id: "checkout" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "checkout (service, namespace default): crash looping: 1 of 3, 2 running, version 0 submitted <age>
      Why: worker[0] (2e73a8b3 on client-1): task worker exits with code 1; 7 allocations of the group failed since it was registered; next restart in <span>
           last of its stderr (output of the workload):
           | FATAL: cannot reach database at db.internal:5432
      Changed: nothing in the job for <span>
      Around: it failed on 2 nodes: not the node
      Last hour (UTC, now 20:00):
        until 19:59  worker[0]: worker exits with code 1 (13+ times, 7+ replacements)
      Next: get_job_logs job_id=checkout"
    `);
  });

  test("a failed update: what changed, in which order it happened, the way back before anything else", async () => {
    const group = { ...quickDeployment, ...noRestart, ...neverRescheduled };
    await session.register(mockJob("shop", {}, group));
    await session.register(mockJob("shop", { start_error: "image shop/api:9 not found" }, group), 40);
    expect((await diagnose({ job_id: "shop" })).text).toMatchInlineSnapshot(`
      "shop (service, namespace default): failed: the deployment of version 1 failed <age> (unhealthy allocations): 0 of 1 running; version 0 ran before
      Why: api[0] (05156aff on client-1): task server cannot be started: image shop/api:9 not found; not started again, since its deployment has failed
      Changed: version 1 (<age>) against version 0, which was stable:
        group api > task server > config > start_error = image shop/api:9 not found (added)
      Last hour (UTC, now 20:00):
        20:00  version 0 submitted
        20:00  deployment of version 0 successful
        20:00  version 1 submitted
        20:00  api[0]: server cannot be started: image shop/api:9 not found
        20:00  deployment of version 1 failed (unhealthy allocations)
      Next: 1. revert_job job_id=shop version=0
            2. make the image available to client-1: its name and tag, the registry, the login there, then submit_job_file with any change of the group"
    `);
  });

  test("a node that is gone: what was lost with it, and what else went", async () => {
    await session.register(mockJob("only-there", {}, {}, { Datacenters: ["dc2"] }));
    session.demo.setNodeStatus("client-3", "down");
    await session.clock.advance(200_000);
    expect((await diagnose({ job_id: "only-there" })).text).toMatchInlineSnapshot(`
      "only-there (service, namespace default): not placed: 0 of 1 running, version 0 submitted <age>
      Why: no node in datacenter dc2 takes work: client-3 is down
      Around: node client-3 is down for 3m
      Last hour (UTC, now 20:03):
        20:00  version 0 submitted
        20:00  deployment of version 0 successful
        20:00  api: no place
        20:00  client-3: heartbeat missed
        20:00  api[0]: leaves client-3 (alloc is lost since its node is down)
      Next: bring client-3 back (get_node_status node=client-3)"
    `);
  });

  test("no place: what it asks for and what there is", async () => {
    expect((await diagnose({ job_id: "ml-train" })).text).toMatchInlineSnapshot(`
      "ml-train (batch, namespace default): not placed: 0 of 1 finished, version 0 submitted <age>
      Why: 2 of 3 nodes do not have 64,000 MB of memory for task train; they are too small, the largest has 8,192 MB; the driver docker is missing or unhealthy on 1 of 3 nodes
      Next: ask for less than 8,192 MB, or add a larger node"
    `);
  });

  test("a periodic job by its last runs", async () => {
    const failing = { run_for: "1s", exit_code: 4, stderr_string: "no space left on device\n" };
    const job = { Type: "batch", Periodic: { Enabled: true, SpecType: "cron", Specs: ["0 3 * * *"], TimeZone: "UTC" } };
    await session.register(mockJob("backup", failing, { ...noRestart, ...neverRescheduled }, job));
    for (const _ of [1, 2]) {
      await session.nomad("POST", "/v1/job/backup/periodic/force");
      await session.clock.advance(60_000);
    }
    expect(
      (await diagnose({ job_id: "backup" })).text.replaceAll(/periodic-\d+/g, "periodic-<time>"),
    ).toMatchInlineSnapshot(`
      "backup (periodic batch, namespace default): waiting: next launch in <span> (2026-11-21T03:00:00Z), cron "0 3 * * *" UTC; last run backup/periodic-<time> failed (exit code 4), started <age>, version 0
      Why: run backup/periodic-<time>: failed: 0 of 1 finished
           api[0] (08dfef5c on client-1): task server exits with code 4; not started again: the group does not allow rescheduling
           last of its stderr (output of the workload):
           | no space left on device
      Runs: failed <age>, failed <age>
      Last hour (UTC, now 20:02):
        20:01  the run began
        20:01  api[0]: server exits with code 4
      Next: 1. get_job_logs job_id=backup/periodic-<time>
            2. to run it again: force_periodic_job job_id=backup"
    `);
  });
});

describe("what is not wrong", () => {
  test("a job that is well is told in a line", async () => {
    expect((await diagnose({ job_id: "web" })).text).toMatchInlineSnapshot(
      `"web (service, namespace default): running: 3 of 3 healthy, version 0 submitted <age>"`,
    );
  });

  test("and after a change in two", async () => {
    await session.register(mockJob("shop", {}, quickDeployment));
    await session.register(mockJob("shop", { stdout_string: "v2" }, quickDeployment));
    expect((await diagnose({ job_id: "shop" })).text).toMatchInlineSnapshot(`
      "shop (service, namespace default): running: 1 of 1 healthy (no check: ran for 1s), version 1 submitted <age>
      Changed: version 1 (<age>):
        group api > task server > config > stdout_string = v2 (added)"
    `);
  });

  test("a stopped job is not ill", async () => {
    expect((await diagnose({ job_id: "cache" })).text).toMatchInlineSnapshot(`
      "cache (service, namespace default): stopped <age>: nothing of it runs
      Next: start_job job_id=cache"
    `);
  });

  test("a periodic job whose last run ended well", async () => {
    expect((await diagnose({ job_id: "nightly-report" })).text).toMatchInlineSnapshot(
      `"nightly-report (periodic batch, namespace default): waiting: next launch in <span> (2026-11-21T02:00:00Z), cron "0 2 * * *" UTC; last run nightly-report/periodic-1795140000 finished (exit code 0), started <age>, version 0"`,
    );
  });
});

describe("which job", () => {
  test("one that is in another namespace is found, and that is said", async () => {
    const { text } = await diagnose({ job_id: "billing" });
    expect(text).toContain(
      "(billing is in namespace prod, not in default)\nbilling (service, namespace prod): running",
    );
  });

  test("one that never was", async () => {
    const { text, isError } = await diagnose({ job_id: "chekout" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`"There is no job "chekout" in namespace default. Nearest: checkout."`);
  });
});
