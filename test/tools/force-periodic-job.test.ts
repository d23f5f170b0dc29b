import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DemoSession, demoSession, steady } from "../support/demo-session.ts";
import { children, failing, named, parameterized, periodic } from "../support/parents.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function force(args: Record<string, unknown>) {
  const { text, isError } = await session.call("force_periodic_job", args);
  return { text: named(steady(text)), isError };
}

describe("a run", () => {
  test("is followed to its end, and the schedule goes on", async () => {
    await session.register(periodic("nightly"));
    const { text, isError } = await force({ job_id: "nightly" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "nightly launched (namespace default) as nightly/periodic-<run>; complete: 1 of 1 finished after <span>
      last of its stdout (output of the workload):
      | done
      Its schedule goes on: next launch in <span> (<time>), cron "0 3 * * *" UTC"
    `);
  });

  test("that fails says why, and how to run it again", async () => {
    await session.register(periodic("nightly", {}, failing));
    expect((await force({ job_id: "nightly" })).text).toMatchInlineSnapshot(`
      "nightly launched (namespace default) as nightly/periodic-<run>; failed: 0 of 1 finished after <span>
      Why: api[0] (<id> on client-1): task server exits with code 3; not started again: the group does not allow rescheduling
           last of its stderr (output of the workload):
           | FATAL: no such order
      Next: get_job_logs job_id=nightly/periodic-<run>, or to run it again: force_periodic_job job_id=nightly
      Its schedule goes on: next launch in <span> (<time>), cron "0 3 * * *" UTC"
    `);
  });

  test("beside another where the job allows that, or the operator does", async () => {
    await session.register(periodic("free", {}, { run_for: "1h" }));
    await force({ job_id: "free", wait_seconds: 0 });
    await session.clock.advance(2_000);
    expect((await force({ job_id: "free", wait_seconds: 0 })).text).toMatchInlineSnapshot(`
      "free launched (namespace default) as free/periodic-<run> beside free/periodic-<run>; not followed: evaluation <id>; get_job_status job_id=free/periodic-<run> says how it ends
      Its schedule goes on: next launch in <span> (<time>), cron "0 3 * * *" UTC"
    `);
    await session.register(periodic("single", { ProhibitOverlap: true }, { run_for: "1h" }));
    await force({ job_id: "single", wait_seconds: 0 });
    await session.clock.advance(2_000);
    await force({ job_id: "single", wait_seconds: 0, allow_overlap: true });
    expect(await children(session, "single")).toHaveLength(2);
  });
});

describe("refused, and nothing is sent", () => {
  const refused = async (args: Record<string, unknown>) => {
    session.changes();
    const { text, isError } = await force(args);
    const sent = session.changes();
    expect([isError, sent]).toEqual([true, []]);
    return text;
  };

  test("a run goes on and the job prohibits two", async () => {
    await session.register(periodic("single", { ProhibitOverlap: true }, { run_for: "1h" }));
    await force({ job_id: "single", wait_seconds: 0 });
    await session.clock.advance(2_000);
    expect(await refused({ job_id: "single" })).toMatchInlineSnapshot(`
      "single was not launched: single/periodic-<run> has not ended, and the job prohibits overlap (Nomad would not hold a forced launch to that). Nothing was started.
      Next: get_job_status job_id=single/periodic-<run> says how it goes, or to run both at once: force_periodic_job job_id=single allow_overlap=true"
    `);
  });

  test("a job that is not periodic, that is stopped or disabled, and a run", async () => {
    await session.register(parameterized("report", {}));
    await session.register(periodic("off", { Enabled: false }));
    await session.register(periodic("gone"));
    await session.nomad("DELETE", "/v1/job/gone");
    expect(await refused({ job_id: "web" })).toMatchInlineSnapshot(`
      "web is not periodic: it is a service job, which runs by itself. Nothing was started.
      Next: restart_job job_id=web"
    `);
    expect(await refused({ job_id: "report" })).toMatchInlineSnapshot(`
      "report is parameterized, not periodic. Nothing was started.
      Next: dispatch_job job_id=report"
    `);
    expect(await refused({ job_id: "off" })).toMatchInlineSnapshot(`
      "off is disabled (enabled = false in its periodic block), and Nomad launches nothing of it, forced or not. Nothing was started.
      Next: submit_job_file with enabled = true"
    `);
    expect(await refused({ job_id: "gone" })).toMatchInlineSnapshot(`
      "gone is stopped, and a stopped job launches nothing. Nothing was started.
      Next: start_job job_id=gone"
    `);
    const [child] = await children(session, "nightly-report");
    expect(await refused({ job_id: child?.ID })).toMatchInlineSnapshot(`
      "nightly-report/periodic-<run> is itself one run of nightly-report. Nothing was started.
      Next: force_periodic_job job_id=nightly-report"
    `);
  });
});

test("a run is not started again: another one is launched", async () => {
  await session.register(periodic("nightly", {}, failing));
  await force({ job_id: "nightly" });
  const [child] = await children(session, "nightly");
  await session.nomad("DELETE", `/v1/job/${encodeURIComponent(child?.ID ?? "")}`);
  const started = await session.call("start_job", { job_id: child?.ID });
  expect([started.isError, named(started.text)]).toMatchInlineSnapshot(`
    [
      true,
      "nightly/periodic-<run> is one run of nightly, and a run is not started again: another one is launched. Nothing was started.
    Next: force_periodic_job job_id=nightly",
    ]
  `);
  const status = await session.call("get_job_status", { job_id: child?.ID });
  expect(named(steady(status.text))).toMatchInlineSnapshot(`
    "nightly/periodic-<run> (batch, namespace default): stopped <age>: nothing of it runs
    Next: to run it again: force_periodic_job job_id=nightly"
  `);
});
