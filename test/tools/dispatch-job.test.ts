import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Job } from "../../src/endpoints/job.ts";
import { auditLog } from "../support/audit-log.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { children, failing, named, parameterized } from "../support/parents.ts";
import { openSession, type SomeSettings } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const report = { Payload: "optional", MetaRequired: ["run_date"], MetaOptional: ["region", "format"] };

async function dispatch(args: Record<string, unknown>) {
  const { text, isError } = await session.call("dispatch_job", args);
  return { text: named(steady(text)), isError };
}

describe("a run", () => {
  test("is followed to its end", async () => {
    await session.register(parameterized("report", report));
    const { text, isError } = await dispatch({
      job_id: "report",
      payload: "naïve café",
      meta: { run_date: "2026-11-20", region: "eu" },
    });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(
      `
      "report dispatched (namespace default) as report/dispatch-<run>; complete: 1 of 1 finished after <span>
      last of its stdout (output of the workload):
      | done"
    `,
    );
    const [child] = await children(session, "report");
    const { Meta, Payload } = await session.nomad<Job & { Meta: object; Payload: string }>(
      "GET",
      `/v1/job/${encodeURIComponent(child?.ID ?? "")}`,
    );
    expect(Meta).toEqual({ run_date: "2026-11-20", region: "eu" });
    expect(Buffer.from(Payload, "base64").toString()).toBe("naïve café");
  });

  test("that fails says why", async () => {
    await session.register(parameterized("report", {}, failing));
    expect((await dispatch({ job_id: "report" })).text).toMatchInlineSnapshot(`
      "report dispatched (namespace default) as report/dispatch-<run>; failed: 0 of 1 finished after <span>
      Why: api[0] (<id> on client-2): task server exits with code 3; not started again: the group does not allow rescheduling
           last of its stderr (output of the workload):
           | FATAL: no such order
      Next: get_job_logs job_id=report/dispatch-<run>, or to run it again: dispatch_job job_id=report with the same meta and payload"
    `);
  });

  test("that outlasts the call says how to look", async () => {
    await session.register(parameterized("report", {}, { run_for: "1h" }));
    expect((await dispatch({ job_id: "report", wait_seconds: 5 })).text).toMatchInlineSnapshot(
      `"report dispatched (namespace default) as report/dispatch-<run>; still running after <span>: 0 of 1 finished, 1 running; get_job_status job_id=report/dispatch-<run> says how it ends"`,
    );
    expect((await dispatch({ job_id: "report", wait_seconds: 0 })).text).toMatchInlineSnapshot(
      `"report dispatched (namespace default) as report/dispatch-<run>; not followed: evaluation <id>; get_job_status job_id=report/dispatch-<run> says how it ends"`,
    );
  });

  test("is another one each time, though it is given the same", async () => {
    await session.register(parameterized("report", {}));
    await dispatch({ job_id: "report", wait_seconds: 0 });
    await dispatch({ job_id: "report", wait_seconds: 0 });
    expect(await children(session, "report")).toHaveLength(2);
  });

  test("in another namespace names it", async () => {
    const job = { ...parameterized("report", {}), Namespace: "prod" };
    await session.nomad("POST", "/v1/jobs?namespace=prod", { Job: job });
    expect((await dispatch({ job_id: "report", namespace: "prod", wait_seconds: 0 })).text).toMatchInlineSnapshot(
      `"report dispatched (namespace prod) as report/dispatch-<run>; not followed: evaluation <id>; get_job_status job_id=report/dispatch-<run> namespace=prod says how it ends"`,
    );
  });
});

test("a person is asked with what the run is given", async () => {
  const asking = await demoSession({ confirm: "ask" });
  onTestFinished(() => asking.close());
  await asking.register(parameterized("report", report));
  const { text } = await asking.call("dispatch_job", {
    job_id: "report",
    payload: "x".repeat(1_300),
    meta: { run_date: "2026-11-20", region: "eu" },
  });
  const question = text.replace(asking.demo.address, "<address>").replaceAll(/confirm=\w+/g, "confirm=<code>");
  expect(question).toMatchInlineSnapshot(`
    "Not done yet: dispatch_job needs the consent of the person.
    Start one run of report with meta run_date=2026-11-20 and region=eu, a payload of 1.3 KiB
      job: report (batch, version 0)
      namespace: default
      cluster: <address>
      allocations: none run
    Show this to the person. If they agree, call dispatch_job again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  const refused = await asking.call("dispatch_job", { job_id: "report" });
  expect([refused.isError, refused.text]).toEqual([true, expect.stringContaining("it needs meta run_date")]);
});

describe("refused, and nothing is sent", () => {
  const refused = async (args: Record<string, unknown>) => {
    session.changes();
    const { text, isError } = await dispatch(args);
    expect([isError, session.changes()]).toEqual([true, []]);
    return text;
  };

  test("meta that is missing and meta that it does not take", async () => {
    await session.register(parameterized("report", report));
    expect(await refused({ job_id: "report" })).toMatchInlineSnapshot(`
      "report was not dispatched: it needs meta run_date. Nothing was started.
      It takes: meta run_date (required), meta region and format (optional), a payload (optional)"
    `);
    expect(await refused({ job_id: "report", meta: { rundate: "2026-11-20", colour: "red" } })).toMatchInlineSnapshot(`
      "report was not dispatched: it needs meta run_date; it takes no meta "rundate" (run_date is near); it takes no meta "colour". Nothing was started.
      It takes: meta run_date (required), meta region and format (optional), a payload (optional)"
    `);
  });

  test("a payload that is missing, not wanted, or too long", async () => {
    await session.register(parameterized("needs", { Payload: "required" }));
    await session.register(parameterized("refuses", { Payload: "forbidden" }));
    expect(await refused({ job_id: "needs" })).toMatchInlineSnapshot(`
      "needs was not dispatched: it needs a payload. Nothing was started.
      It takes: no meta, a payload (required)"
    `);
    expect(await refused({ job_id: "refuses", payload: "x" })).toMatchInlineSnapshot(`
      "refuses was not dispatched: it takes no payload. Nothing was started.
      It takes: no meta, no payload"
    `);
    expect(await refused({ job_id: "needs", payload: "é".repeat(8_193) })).toMatchInlineSnapshot(`
      "needs was not dispatched: its payload may have 16,384 bytes, not 16,386: pass where the data is instead. Nothing was started.
      It takes: no meta, a payload (required)"
    `);
  });

  test("a job that is not parameterized: what to use instead", async () => {
    await session.register(mockJob("once", { run_for: "1s" }, {}, { Type: "batch" }));
    expect(await refused({ job_id: "web" })).toMatchInlineSnapshot(`
      "web is not parameterized: it is a service job, which runs by itself. Nothing was started.
      Next: restart_job job_id=web"
    `);
    expect(await refused({ job_id: "cache" })).toMatchInlineSnapshot(`
      "cache is not parameterized: it is a service job, which runs by itself, and it is stopped. Nothing was started.
      Next: start_job job_id=cache"
    `);
    expect(await refused({ job_id: "once" })).toMatchInlineSnapshot(`
      "once is not parameterized: it is a batch job, which runs by itself. Nothing was started.
      Next: to run it again: stop_job job_id=once, then start_job job_id=once"
    `);
    expect(await refused({ job_id: "nightly-report" })).toMatchInlineSnapshot(`
      "nightly-report is periodic, not parameterized. Nothing was started.
      Next: force_periodic_job job_id=nightly-report"
    `);
  });

  test("a stopped one, one of its runs, and an unknown one", async () => {
    await session.register(parameterized("report", {}));
    await dispatch({ job_id: "report" });
    const [child] = await children(session, "report");
    expect(await refused({ job_id: child?.ID })).toMatchInlineSnapshot(`
      "report/dispatch-<run> is itself one run of report. Nothing was started.
      Next: dispatch_job job_id=report with the same meta and payload"
    `);
    await session.nomad("DELETE", "/v1/job/report");
    expect(await refused({ job_id: "report" })).toMatchInlineSnapshot(`
      "report is stopped, and a stopped job launches nothing. Nothing was started.
      Next: start_job job_id=report"
    `);
    expect(await refused({ job_id: "reprot" })).toMatchInlineSnapshot(
      `"There is no job "reprot" in namespace default. Nearest: report. Nothing was changed."`,
    );
  });
});

/** The cluster behind something that loses the answer of a dispatch; `lose`: before or after Nomad has it. */
async function lossy(lose: "before" | "after", settings: SomeSettings = {}) {
  const server = createServer((request, response) => {
    const { method, url: path, headers } = request;
    const dispatches = /\/dispatch\?/.test(path ?? "");
    if (dispatches && lose === "before") {
      request.socket.destroy();
      return;
    }
    const onward = forward(new URL(path ?? "", session.demo.address), { method, headers }, (answer) => {
      if (dispatches) {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const other = await openSession({ ...settings, address });
  onTestFinished(async () => {
    await other.close();
    server.closeAllConnections();
    server.close();
  });
  return async (args: Record<string, unknown>) => {
    const { text, isError } = await other.call("dispatch_job", args);
    return { text: named(steady(text)), isError };
  };
}

describe("an answer that is lost", () => {
  test("after Nomad took the request: the run is found by its token, not sent again", async () => {
    await session.register(parameterized("report", {}));
    const audit = auditLog();
    const { text, isError } = await (await lossy("after", { auditLog: audit.path }))({ job_id: "report" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(
      `
      "report dispatched (namespace default) as report/dispatch-<run>; complete: 1 of 1 finished after <span>
      last of its stdout (output of the workload):
      | done"
    `,
    );
    const [run, ...others] = await children(session, "report");
    expect(others).toEqual([]);
    const made = await session.nomad<{ ID: string }[]>(
      "GET",
      `/v1/job/${encodeURIComponent(run?.ID ?? "")}/evaluations`,
    );
    expect(audit.evaluations()).toEqual(made.map(({ ID }) => ID));
  });

  test("before Nomad had it: nothing is sent again, and what is known is said", async () => {
    await session.register(parameterized("report", {}));
    const { text, isError } = await (await lossy("before"))({ job_id: "report" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "POST /v1/job/report/dispatch may have happened: its answer was lost (other side closed)
      Look before you repeat it: \`get_job_status job_id=report\`.
      Nomad has no run of this call so far, so most likely nothing was started.
      Next: list_nomad_jobs prefix=report/dispatch- include_children=true shows its runs"
    `);
    expect(await children(session, "report")).toEqual([]);
  });
});
