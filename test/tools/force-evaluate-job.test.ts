import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function evaluate(args: Record<string, unknown>) {
  const { text, isError } = await session.call("force_evaluate_job", args);
  return { text: steady(text), isError };
}

/** Fails at once, and is not restarted on its node. */
const failing = { run_for: "1s", exit_code: 3, stderr_string: "no database\n" };
const noRestart = { RestartPolicy: { Attempts: 0, Interval: 300e9, Delay: 1e9, Mode: "fail" } };
const noDeployment = { Update: { MaxParallel: 0 } };
const onceRescheduled = {
  ReschedulePolicy: { Attempts: 1, Interval: 3600e9, Delay: 5e9, DelayFunction: "constant", Unlimited: false },
};
const neverRescheduled = { ReschedulePolicy: { Attempts: 0, Unlimited: false } };

describe("something to place", () => {
  test("a failed allocation whose attempts are used up is placed again, and how that ends is said", async () => {
    await session.register(mockJob("used", failing, { ...noRestart, ...noDeployment, ...onceRescheduled }), 30);
    session.changes();
    const { text, isError } = await evaluate({ job_id: "used" });
    expect(isError).toBe(false);
    expect(session.changes()).toEqual(["POST /v1/job/used/evaluate?namespace=default"]);
    expect(text).toMatchInlineSnapshot(`
      "used evaluated again (namespace default); 1 allocation placed, dead: 0 of 1 running after <span>
      Why: api[0] (976f2931 on client-3): task server exits with code 3; 3 allocations of the group failed since it was registered; not started again: its reschedule attempts are used up
           last of its stderr (output of the workload):
           | no database
      Next: get_job_logs job_id=used, or force_evaluate_job job_id=used once it is fixed"
    `);
  });

  test("what still cannot be placed: why, at once", async () => {
    const { text } = await evaluate({ job_id: "ml-train" });
    expect(text).toMatchInlineSnapshot(`
      "ml-train evaluated again (namespace default); not placed: 0 of 1 finished
      Why: 2 of 3 nodes do not have 64,000 MB of memory for task train; they are too small, the largest has 8,192 MB; the driver docker is missing or unhealthy on 1 of 3 nodes
      Next: ask for less than 8,192 MB, or add a larger node"
    `);
  });

  test("wait_seconds=0 answers with the evaluation", async () => {
    const { text } = await evaluate({ job_id: "ml-train", wait_seconds: 0 });
    const [newest] = await session.nomad<{ ID: string; TriggeredBy: string }[]>(
      "GET",
      "/v1/evaluations?reverse=true&filter=JobID==`ml-train` and TriggeredBy==`job-register`",
    );
    expect(text).toContain(newest?.ID.slice(0, 8));
    expect(text.replace(newest?.ID.slice(0, 8) ?? "", "<id>")).toMatchInlineSnapshot(
      `"ml-train evaluated again (namespace default); not followed: evaluation <id>; get_job_status job_id=ml-train says how it ends"`,
    );
  });
});

describe("nothing to place", () => {
  test("all is well", async () => {
    const { text } = await evaluate({ job_id: "web" });
    expect(text).toMatchInlineSnapshot(`
      "web evaluated again (namespace default); nothing was placed, since all that should run does
      running: 3 of 3 healthy, version 0 submitted <age>"
    `);
  });

  test("reschedule=false leaves failed allocations where they are, and names what would place them", async () => {
    await session.register(mockJob("used", failing, { ...noRestart, ...noDeployment, ...onceRescheduled }), 30);
    const { text } = await evaluate({ job_id: "used", reschedule: false });
    expect(text).toMatchInlineSnapshot(`
      "used evaluated again (namespace default); nothing was placed, since its failed allocations wait for their delay, or their attempts are used up
      dead: 0 of 1 running, version 0 submitted <age>
      Why: api[0] (3901f827 on client-2): task server exits with code 3; 2 allocations of the group failed since it was registered; not started again: its reschedule attempts are used up
           last of its stderr (output of the workload):
           | no database
      Next: force_evaluate_job job_id=used"
    `);
  });

  test("rescheduling is off: only what really helps is named, and that is no evaluation", async () => {
    await session.register(mockJob("fixed", failing, { ...noRestart, ...noDeployment, ...neverRescheduled }), 30);
    const { text } = await evaluate({ job_id: "fixed" });
    expect(text).not.toMatch(/Next:.*force_evaluate_job/);
    expect(text).toMatchInlineSnapshot(`
      "fixed evaluated again (namespace default); nothing was placed, since group api may not be rescheduled, so that a failed allocation keeps its place
      dead: 0 of 1 running, version 0 submitted <age>
      Why: api[0] (1cea11e7 on client-1): task server exits with code 3; not started again: the group does not allow rescheduling
           last of its stderr (output of the workload):
           | no database
      Next: submit_job_file with any change of the group, such as its reschedule block, or stop_job job_id=fixed purge=true, then submit_job_file with the same file"
    `);
  });

  test("the deployment has failed", async () => {
    await session.register(mockJob("undeployed", failing, { ...noRestart, ...onceRescheduled }), 60);
    const { text } = await evaluate({ job_id: "undeployed" });
    expect(text).not.toMatch(/Next:.*force_evaluate_job/);
    expect(text).toMatchInlineSnapshot(`
      "undeployed evaluated again (namespace default); nothing was placed, since the deployment of version 0 has failed, and a failed deployment places nothing more
      failed: the deployment of version 0 failed <age> (unhealthy allocations): 0 of 1 running
      Why: api[0] (f82fda18 on client-2): task server exits with code 3; 2 allocations of the group failed since it was registered; not started again, since its deployment has failed
           last of its stderr (output of the workload):
           | no database
      Next: fix what makes it fail and submit_job_file, or once its cause is fixed elsewhere: stop_job job_id=undeployed, then start_job job_id=undeployed"
    `);
  });

  test("a stopped job", async () => {
    const { text } = await evaluate({ job_id: "cache" });
    expect(text).toMatchInlineSnapshot(`
      "cache evaluated again (namespace default); nothing was placed, since the job is stopped
      stopped <age>: nothing of it runs
      Next: start_job job_id=cache"
    `);
  });

  test("a finished batch", async () => {
    await session.register(mockJob("once", { run_for: "1s" }, {}, { Type: "batch" }));
    const { text } = await evaluate({ job_id: "once" });
    expect(text).toMatchInlineSnapshot(`
      "once evaluated again (namespace default); nothing was placed, since all of it has finished
      complete: 1 of 1 finished, version 0 submitted <age>
      Next: to run it again: stop_job job_id=once, then start_job job_id=once"
    `);
  });
});

describe("refused, and nothing is sent", () => {
  afterEach(() => expect(session.changes()).toEqual([]));

  test("periodic: its children are what can be evaluated", async () => {
    const { text, isError } = await evaluate({ job_id: "nightly-report" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "nightly-report is periodic: it runs nothing itself, so there is nothing to evaluate. Nothing was changed.
      Next: force_periodic_job job_id=nightly-report launches it now, or for its newest child: force_evaluate_job job_id=nightly-report/periodic-1795140000"
    `);
  });

  test("an unknown job", async () => {
    const { text, isError } = await evaluate({ job_id: "wev" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"There is no job "wev" in namespace default. Nearest: web. Nothing was changed."`,
    );
  });

  test("a job of another namespace", async () => {
    const { text, isError } = await evaluate({ job_id: "billing" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"Job billing is not in namespace default, but in 1 namespace: prod. Name it with namespace=. Nothing was changed."`,
    );
  });
});
