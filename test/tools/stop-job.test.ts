import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function stop(args: Record<string, unknown>) {
  const { text, isError } = await session.call("stop_job", args);
  // Whether an end took a second is the machine's pace as well.
  return { text: steady(text).replace(" ended after <span>", " ended"), isError };
}
const job = (id: string) => session.nomad<Job>("GET", `/v1/job/${id}`);
const allocations = (id: string) => session.nomad<AllocationStub[]>("GET", `/v1/job/${id}/allocations`);

/** Takes two minutes to end when it is told to. */
const slow = mockJob("slow", { kill_after: "120s" }, { Count: 2 });

describe("stop", () => {
  test("says how many allocations ended", async () => {
    const { text, isError } = await stop({ job_id: "web" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`"web stopped (namespace default); 3 allocations ended"`);
    expect(session.changes()).toEqual(["DELETE /v1/job/web?namespace=default&purge=false"]);
    expect((await job("web")).Stop).toBe(true);
    expect((await allocations("web")).map(({ ClientStatus }) => ClientStatus)).toEqual(Array(3).fill("complete"));
  });

  test("says which still shut down when the time is over", async () => {
    await session.register(slow);
    const { text } = await stop({ job_id: "slow", wait_seconds: 5 });
    expect(text).toMatchInlineSnapshot(
      `
      "slow stopped (namespace default); 0 of 2 allocations ended, 2 still shut down
      Next: get_job_status job_id=slow shows when they have"
    `,
    );
  });

  test("wait_seconds=0 does not wait", async () => {
    const { text } = await stop({ job_id: "web", wait_seconds: 0 });
    expect(text.replace(/evaluation \w+/, "evaluation <id>")).toMatchInlineSnapshot(
      `"web stopped (namespace default); not followed: evaluation <id>; get_job_status job_id=web says how it ends"`,
    );
  });

  test("a job of which nothing runs", async () => {
    const { text } = await stop({ job_id: "ml-train" });
    expect(text).toMatchInlineSnapshot(`"ml-train stopped (namespace default); nothing of it was running"`);
  });

  test("already stopped: nothing is sent, and that is said", async () => {
    const { text, isError } = await stop({ job_id: "cache" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`"cache was stopped already (namespace default); nothing of it runs"`);
    expect(session.changes()).toEqual([]);
  });

  test("a periodic job: its children go on and are listed", async () => {
    await session.register(mockJob("hourly", {}, {}, { Type: "batch", Periodic: periodic }));
    await session.nomad("POST", "/v1/job/hourly/periodic/force");
    await session.clock.advance(2_000);
    const { text } = await stop({ job_id: "hourly" });
    expect(text.replaceAll(/periodic-\d+/g, "periodic-<time>")).toMatchInlineSnapshot(`
      "hourly stopped (namespace default); it launches no more
      1 run (hourly/periodic-<time>) goes on
      Next: stop_job job_id=hourly/periodic-<time> stops it"
    `);
  });
});

test("a parent that is purged: its runs are named before and after", async () => {
  const asking = await demoSession({ confirm: "ask" });
  onTestFinished(() => asking.close());
  await asking.register(mockJob("geo", {}, {}, { Type: "batch", ParameterizedJob: { Payload: "optional" } }), 0);
  const ids: string[] = [];
  for (let run = 0; run < 2; run++)
    ids.push((await asking.nomad<{ DispatchedJobID: string }>("POST", "/v1/job/geo/dispatch", {})).DispatchedJobID);
  await asking.clock.advance(2_000);
  const shown = (text: string) =>
    ids
      .toSorted()
      .reduce((all, id, index) => all.replaceAll(id, `geo/dispatch-<${index}>`), text)
      .replaceAll(/127.0.0.1:\d+/g, "<address>")
      .replaceAll(/confirm=\w+/g, "confirm=<code>");
  const { text } = await asking.call("stop_job", { job_id: "geo", purge: true });
  expect(shown(text)).toMatchInlineSnapshot(`
    "Not done yet: stop_job needs the consent of the person.
    Stop geo and remove it from Nomad with its versions and history
      job: geo (batch, version 0)
      namespace: default
      cluster: http://<address>
      allocations: none run; 2 children run
      not stopped: 2 runs (geo/dispatch-<0> and geo/dispatch-<1>)
    Show this to the person. If they agree, call stop_job again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  const [, confirm] = /confirm=(\w+)/.exec(text) ?? [];
  const done = await asking.call("stop_job", { job_id: "geo", purge: true, confirm });
  expect(shown(done.text)).toMatchInlineSnapshot(`
    "geo stopped and purged (namespace default); it can no longer be dispatched
    2 runs (geo/dispatch-<0> and geo/dispatch-<1>) go on although their parent is gone
    Next: stop_job job_id=geo/dispatch-<0> stops one"
  `);
  for (const id of ids) expect((await asking.nomad<{ Status: string }>("GET", `/v1/job/${id}`)).Status).toBe("running");
});

const periodic = { Enabled: true, SpecType: "cron", Spec: "0 * * * *", ProhibitOverlap: false };

describe("purge", () => {
  test("comes when the allocations have ended", async () => {
    const { text } = await stop({ job_id: "web", purge: true });
    expect(text).toMatchInlineSnapshot(`"web stopped and purged (namespace default); 3 allocations ended"`);
    expect(session.changes()).toEqual([
      "DELETE /v1/job/web?namespace=default&purge=false",
      "DELETE /v1/job/web?namespace=default&purge=true",
    ]);
    await expect(job("web")).rejects.toThrow("job not found");
  });

  test("does not come while some still shut down; the next call goes on", async () => {
    await session.register(slow);
    session.changes();
    const { text } = await stop({ job_id: "slow", purge: true, wait_seconds: 5 });
    expect(text).toMatchInlineSnapshot(`
      "slow stopped (namespace default); 0 of 2 allocations ended, 2 still shut down
      Not purged yet: that would hide whether they end.
      Next: stop_job job_id=slow purge=true goes on"
    `);
    expect(session.changes()).toEqual(["DELETE /v1/job/slow?namespace=default&purge=false"]);
    await session.clock.advance(120_000);
    expect((await stop({ job_id: "slow", purge: true })).text).toMatchInlineSnapshot(
      `"slow was stopped already and is purged now (namespace default); nothing of it runs"`,
    );
    expect(session.changes()).toEqual(["DELETE /v1/job/slow?namespace=default&purge=true"]);
  });

  test("of a job that was stopped before", async () => {
    const { text } = await stop({ job_id: "cache", purge: true, wait_seconds: 0 });
    expect(text).toMatchInlineSnapshot(
      `"cache was stopped already and is purged now (namespace default); nothing of it runs"`,
    );
    await expect(job("cache")).rejects.toThrow("job not found");
  });
});

describe("refused, and nothing is sent", () => {
  afterEach(() => expect(session.changes()).toEqual([]));

  test("an unknown job", async () => {
    const { text, isError } = await stop({ job_id: "chekout" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"There is no job "chekout" in namespace default. Nearest: checkout. Nothing was changed."`,
    );
  });

  test("a prefix of a job's id", async () => {
    const { text, isError } = await stop({ job_id: "check" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"There is no job "check" in namespace default. Nearest: checkout. Nothing was changed."`,
    );
  });

  test("a job of another namespace", async () => {
    const { text, isError } = await stop({ job_id: "billing" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"Job billing is not in namespace default, but in 1 namespace: prod. Name it with namespace=. Nothing was changed."`,
    );
  });
});
