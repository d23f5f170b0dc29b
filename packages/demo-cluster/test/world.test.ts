import { expect, test } from "vitest";
import { type Driven, drive } from "./support.ts";

type Json = Awaited<ReturnType<Driven["get"]>>["body"];

test("it starts with jobs that have been there for a while", async () => {
  const { get, clock } = await drive({ jobs: true });
  const jobs: Json[] = (await get("/v1/jobs?namespace=*")).body;
  const hours = (job: string) => {
    const { SubmitTime } = jobs.find(({ ID }) => ID === job);
    return (clock.now() - SubmitTime / 1e6) / 3_600_000;
  };
  expect(jobs.map(({ ID, Status, Stop }) => [ID.replace(/\d+$/, "#"), Status, Stop])).toEqual([
    ["cache", "dead", true],
    ["checkout", "running", false],
    ["ml-train", "pending", false],
    ["nightly-report", "running", false],
    ["nightly-report/periodic-#", "dead", false],
    ["web", "running", false],
    ["billing", "running", false],
  ]);
  expect(hours("web")).toBeCloseTo(72, 1);
  expect(hours("ml-train")).toBeCloseTo(5, 1);
  for (const [job, healthy] of [
    ["web", 3],
    ["billing?namespace=prod", 2],
  ] as const) {
    const [id, query = ""] = job.split("?");
    const scale = (await get(`/v1/job/${id}/scale?${query}`)).body;
    expect(Object.values<Json>(scale.TaskGroups)[0]).toMatchObject({ Desired: healthy, Healthy: healthy });
  }
});

test("checkout has failed over and over since the database went away", async () => {
  const { get, allocs, clock } = await drive({ jobs: true });
  expect((await get("/v1/job/checkout/deployment")).body.Status).toBe("successful");
  const worker = (await allocs("checkout")).filter(({ TaskGroup }) => TaskGroup === "worker");
  expect(worker.length).toBeGreaterThan(4);
  const full = await Promise.all(worker.map(async ({ ID }) => (await get(`/v1/allocation/${ID}`)).body));
  for (const [at, alloc] of full.entries()) {
    expect(alloc.NextAllocation).toBe(full[at + 1]?.ID);
    expect(alloc.PreviousAllocation).toBe(full[at - 1]?.ID);
    if (at > 0) expect(alloc.RescheduleTracker.Events.at(-1).PrevAllocID).toBe(full[at - 1].ID);
  }
  const first = Date.parse(full[0].TaskStates.worker.FinishedAt);
  expect((clock.now() - first) / 60_000).toBeGreaterThan(15);
  expect((clock.now() - first) / 60_000).toBeLessThan(20);
  const failed = full.filter(({ ClientStatus }) => ClientStatus === "failed").at(-1);
  const logs = await get(`/v1/client/fs/logs/${failed.ID}?task=worker&type=stderr&plain=true&origin=end&offset=200`);
  expect(logs.body).toContain("FATAL: cannot reach database at db.internal:5432\n");
  expect(failed.TaskStates.worker.Events.at(-1).Type).toBe("Not Restarting");
});

test("a checkout that asks another database is healthy", async () => {
  const { get, submit, clock } = await drive({ jobs: true });
  const { Source } = (await get("/v1/job/checkout/submission?version=0")).body;
  await submit(Source.replace("db.internal:5432", "db2.internal:5432"));
  await clock.advance(60_000);
  expect((await get("/v1/job/checkout/deployment")).body).toMatchObject({ JobVersion: 1, Status: "successful" });
});

test("the log of web grows as time goes on", async () => {
  const { get, allocs, clock } = await drive({ jobs: true });
  const [alloc] = await allocs("web");
  const path = `/v1/client/fs/logs/${alloc.ID}?task=nginx&type=stdout&plain=true`;
  const before = (await get(path)).body;
  expect(before.split("\n").length).toBeGreaterThan(5_000);
  expect((await get(`${path}&origin=end&offset=100`)).body).toBe(before.slice(-100));
  await clock.advance(600_000);
  const after = (await get(path)).body;
  expect(after.startsWith(before)).toBe(true);
  expect(after.slice(before.length)).toMatch(
    /^(10\.0\.9\.\d+ - - \[20\/Nov\/2026:20:\d\d:\d\d \+0000] "(GET|POST) .*\n){12,13}$/,
  );
});

const SERVICE = `job "svc" {
  datacenters = ["dc1"]
  group "g" {
    count = 2
    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }
    task "t" {
      driver = "mock_driver"
      config { run_for = "10h" }
    }
  }
}
`;

test("what ran on a node that is lost runs elsewhere, and waits where there is no elsewhere", async () => {
  const { cluster, submit, clock, allocs, get } = await drive();
  await submit(SERVICE);
  await clock.advance(15_000);
  cluster.setNodeStatus("client-1", "down");
  await clock.advance(1_000);
  const [gone] = (await allocs("svc")).filter(({ NodeName }) => NodeName === "client-1");
  expect(gone).toMatchObject({ ClientStatus: "lost", DesiredStatus: "stop" });
  expect((await get(`/v1/client/fs/logs/${gone.ID}?task=t&type=stdout&plain=true`)).body).toBe("No path to node");
  expect((await get("/v1/job/svc/summary")).body.Summary.g).toMatchObject({ Running: 1, Lost: 1, Queued: 1 });
  const blocked = (await get("/v1/evaluations?status=blocked")).body;
  expect(blocked).toHaveLength(1);
  expect(blocked[0].FailedTGAllocs.g.ConstraintFiltered).toEqual({ distinct_hosts: 1 });

  cluster.setNodeStatus("client-1", "ready");
  await clock.advance(20_000);
  expect((await get("/v1/job/svc/summary")).body.Summary.g).toMatchObject({ Running: 2, Queued: 0 });
  const running = (await allocs("svc")).filter(({ ClientStatus }) => ClientStatus === "running");
  expect(running.map(({ NodeName }) => NodeName).sort()).toEqual(["client-1", "client-2"]);
});

test("what runs on a node that is drained moves", async () => {
  const { cluster, submit, clock, allocs, get } = await drive();
  await submit(SERVICE.replace(/constraint \{[^}]*\}/, ""));
  await clock.advance(15_000);
  cluster.drainNode("client-2");
  await clock.advance(30_000);
  const [node] = (await get("/v1/nodes?prefix=&filter=Name%20==%20`client-2`")).body;
  expect(node).toMatchObject({ SchedulingEligibility: "ineligible", Drain: false, LastDrain: { Status: "complete" } });
  const running = (await allocs("svc")).filter(({ ClientStatus }) => ClientStatus === "running");
  expect(running.map(({ NodeName }) => NodeName)).toEqual(["client-1", "client-1"]);
  for (const { DesiredDescription } of (await allocs("svc")).filter(({ NodeName }) => NodeName === "client-2"))
    expect(DesiredDescription).toBe("alloc is being migrated");
});

test("a job that was blocked is placed when another one leaves", async () => {
  const { submit, send, clock, get } = await drive();
  const big = (name: string) =>
    SERVICE.replace('"svc"', `"${name}"`).replace("config {", "resources { memory = 6000 }\n config {");
  await submit(big("first"));
  await clock.advance(5_000);
  const { EvalID } = (await submit(big("second"))).body;
  await clock.advance(1_000);
  const { BlockedEval } = (await get(`/v1/evaluation/${EvalID}`)).body;
  expect((await get(`/v1/evaluation/${BlockedEval}`)).body.Status).toBe("blocked");
  await send("DELETE", "/v1/job/first");
  await clock.advance(5_000);
  expect((await get(`/v1/evaluation/${BlockedEval}`)).body.Status).toBe("complete");
  expect((await get("/v1/job/second/summary")).body.Summary.g).toMatchObject({ Running: 2, Queued: 0 });
});
