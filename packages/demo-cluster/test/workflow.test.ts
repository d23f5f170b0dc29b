import { expect, test } from "vitest";
import { drive, recorded } from "./support.ts";

/** The job file of the workflow. */
function shop({ memory = 64, config = 'run_for = "1h"', count = 2 } = {}): string {
  return `job "shop" {
  group "api" {
    count = ${count}

    update {
      min_healthy_time  = "1s"
      healthy_deadline  = "10s"
      progress_deadline = "20s"
    }

    restart {
      attempts = 1
      delay    = "1s"
      mode     = "fail"
    }

    reschedule {
      delay          = "5s"
      delay_function = "constant"
      unlimited      = true
    }

    task "server" {
      driver = "mock_driver"

      config {
        ${config}
      }

      resources {
        cpu    = 100
        memory = ${memory}
      }
    }
  }
}
`;
}

const crash = `run_for       = "200ms"
        exit_code     = 1
        stderr_string = "FATAL: cannot reach payments.internal:8443\\n"`;

test("a job goes from not placed over healthy and crashing to stopped", async () => {
  const { submit, get, send, clock, allocs } = await drive();
  const latest = async () => (await get("/v1/job/shop/deployment")).body;

  const first = await submit(shop({ memory: 64_000 }));
  const evaluation = (await get(`/v1/evaluation/${first.body.EvalID}?index=${first.body.Index}&wait=10s`)).body;
  expect(evaluation).toMatchObject({ Status: "complete", QueuedAllocations: { api: 2 } });
  expect(evaluation.FailedTGAllocs.api).toMatchObject({
    NodesEvaluated: 3,
    NodesExhausted: 3,
    DimensionExhausted: { memory: 3 },
    NodesAvailable: { dc1: 2, dc2: 1 },
    CoalescedFailures: 1,
  });
  const blocked = (await get(`/v1/evaluation/${evaluation.BlockedEval}`)).body;
  expect(blocked).toMatchObject({ Status: "blocked", TriggeredBy: "queued-allocs", PreviousEval: evaluation.ID });
  expect(await allocs("shop")).toEqual([]);

  await submit(shop());
  await clock.advance(5_000);
  expect(await latest()).toMatchObject({ JobVersion: 1, Status: "successful" });
  expect((await get("/v1/deployments")).body).toHaveLength(2);
  expect((await get(`/v1/evaluation/${blocked.ID}`)).body.Status).toBe("canceled");
  expect((await get("/v1/job/shop/summary")).body.Summary.api).toMatchObject({ Running: 2, Queued: 0 });
  expect((await get("/v1/job/shop/scale")).body.TaskGroups.api).toMatchObject({ Desired: 2, Running: 2, Healthy: 2 });

  await submit(shop({ config: crash }));
  await clock.advance(4_000);
  const [failing] = (await allocs("shop")).filter((alloc) => alloc.JobVersion === 2);
  expect(failing.TaskStates.server).toMatchObject({ State: "dead", Failed: true, Restarts: 1 });
  const log = await get(`/v1/client/fs/logs/${failing.ID}?task=server&type=stderr&plain=true&origin=end&offset=500`);
  expect(log.body).toBe("FATAL: cannot reach payments.internal:8443\n".repeat(2));
  await clock.advance(30_000);
  expect(await latest()).toMatchObject({ Status: "failed", StatusDescription: "Failed due to progress deadline" });

  await submit(shop());
  await clock.advance(10_000);
  expect(await latest()).toMatchObject({ JobVersion: 3, Status: "successful" });

  const [before] = (await allocs("shop")).filter((alloc) => alloc.ClientStatus === "running");
  const restarted = await send("PUT", `/v1/client/allocation/${before.ID}/restart`, {});
  expect(restarted).toMatchObject({ status: 200, body: { Index: 0 } });
  await clock.advance(2_000);
  const after = (await get(`/v1/allocation/${before.ID}`)).body.TaskStates.server;
  expect(after.Events.map((event: { Type: string }) => event.Type).slice(-4)).toEqual([
    "Restart Signaled",
    "Terminated",
    "Restarting",
    "Started",
  ]);
  expect(Date.parse(after.StartedAt)).toBeGreaterThan(Date.parse(before.TaskStates.server.StartedAt));
  expect(after.Restarts).toBe(before.TaskStates.server.Restarts + 1);

  await send("DELETE", "/v1/job/shop");
  await clock.advance(2_000);
  expect((await get("/v1/job/shop")).body).toMatchObject({ Status: "dead", Stop: true, Version: 4 });
  for (const alloc of await allocs("shop")) expect(["complete", "failed"]).toContain(alloc.ClientStatus);
  expect((await send("PUT", `/v1/client/allocation/${before.ID}/restart`, {})).body).toBe(
    "restart of an alloc that should not run",
  );
});

test("what crashes leaves the trail that it left on a real Nomad", async () => {
  const { send, clock, allocs, get } = await drive();
  await send("POST", "/v1/jobs", { Job: recorded("crash-loop/job").body });
  await clock.advance(13_000);
  const [first, second] = await allocs("crash-loop");
  const [theirs] = recorded("crash-loop/allocations").body.filter(
    (alloc: { NextAllocation: string }) => alloc.NextAllocation,
  );
  const told = (alloc: typeof theirs) =>
    alloc.TaskStates.worker.Events.map(
      ({ Type, DisplayMessage, ExitCode, RestartReason, FailsTask }: typeof theirs) => ({
        Type,
        DisplayMessage: DisplayMessage.replace(/[\d.]+s$/, "1s"),
        ExitCode,
        RestartReason,
        FailsTask,
      }),
    );
  expect(told(first)).toEqual(told(theirs));
  for (const name of ["ClientStatus", "ClientDescription", "DesiredStatus", "DesiredDescription", "RescheduleTracker"])
    expect({ [name]: first[name] }).toEqual({ [name]: theirs[name] });
  expect(second).toMatchObject({ ID: first.NextAllocation, DesiredStatus: "run" });
  expect((await get(`/v1/allocation/${second.ID}`)).body.PreviousAllocation).toBe(first.ID);
  const trail = (await get("/v1/job/crash-loop/evaluations")).body.map((each: typeof theirs) => each.TriggeredBy);
  expect(trail).toEqual(["job-register", "deployment-watcher", "alloc-failure", "alloc-reschedule"]);
});

test("count changes in place, the rest is replaced one after the other", async () => {
  const { submit, clock, allocs, get } = await drive();
  await submit(shop());
  await clock.advance(5_000);
  const before = await allocs("shop");
  const more = await submit(shop({ count: 3 }));
  await clock.advance(5_000);
  const desired = async (id: string) => (await get(`/v1/evaluation/${id}`)).body.PlanAnnotations.DesiredTGUpdates.api;
  expect(await desired(more.body.EvalID)).toMatchObject({ InPlaceUpdate: 2, Place: 1 });
  expect((await allocs("shop")).map(({ ID }) => ID)).toEqual(expect.arrayContaining(before.map(({ ID }) => ID)));

  const other = await submit(shop({ count: 3, memory: 96 }));
  await clock.advance(500);
  expect(await desired(other.body.EvalID)).toMatchObject({ DestructiveUpdate: 1, Ignore: 2 });
  await clock.advance(20_000);
  const after = await allocs("shop");
  expect(after).toHaveLength(6);
  expect(after.filter((alloc) => alloc.JobVersion === 2 && alloc.ClientStatus === "running")).toHaveLength(3);
});

test("the same job again is evaluated, and is no new version", async () => {
  const { submit, get } = await drive();
  const first = (await submit(shop())).body;
  const again = (await submit(shop())).body;
  expect(again.EvalID).not.toBe(first.EvalID);
  expect(again.JobModifyIndex).toBeLessThan(again.EvalCreateIndex);
  expect((await get("/v1/job/shop")).body.Version).toBe(0);
});

test("what was submitted can be read again, and counts can be kept", async () => {
  const { submit, get } = await drive();
  const Submission = { Source: shop(), Format: "hcl2", VariableFlags: null, Variables: "" };
  await submit(shop(), { Submission });
  await submit(shop({ count: 5 }), { PreserveCounts: true });
  expect((await get("/v1/job/shop")).body.TaskGroups[0].Count).toBe(2);
  expect((await get("/v1/job/shop/submission?version=0")).body).toMatchObject({ Source: shop(), JobID: "shop" });
  // a version without a source of its own has that of the version which its body names, 0
  expect((await get("/v1/job/shop/submission?version=1")).body).toMatchObject({ Source: shop(), Version: 1 });
  expect(await get("/v1/job/shop/submission?version=2")).toMatchObject({ status: 404, body: "job source not found" });
});

test("a purged job is gone at once, and its evaluations stay", async () => {
  const { submit, get, send, clock } = await drive();
  await submit(shop());
  await clock.advance(5_000);
  const [alloc] = (await get("/v1/job/shop/allocations")).body;
  const purged = await send("DELETE", "/v1/job/shop?purge=true");
  expect(purged.body.EvalID).toMatch(/^[0-9a-f-]{36}$/);
  expect(await get("/v1/job/shop")).toMatchObject({ status: 404, body: "job not found" });
  expect((await get(`/v1/allocation/${alloc.ID}`)).status).toBe(404);
  for (const part of ["allocations", "deployments"]) expect((await get(`/v1/job/shop/${part}`)).body).toEqual([]);
  expect((await get("/v1/job/shop/deployment")).body).toBeNull();
  await clock.advance(1_000);
  const left = (await get("/v1/job/shop/evaluations")).body;
  expect(left.map((each: { TriggeredBy: string }) => each.TriggeredBy)).toContain("job-deregister");
  expect(left.every((each: { Status: string }) => each.Status === "complete")).toBe(true);
});
