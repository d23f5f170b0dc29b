import { expect, test } from "vitest";
import { virtualClock } from "../src/clock.ts";
import { drive } from "./support.ts";

const WEB = `job "web" {
  group "g" {
    task "t" {
      driver = "mock_driver"
      config {
        run_for                = "1h"
        stdout_string          = "tick\\n"
        stdout_repeat          = 100
        stdout_repeat_duration = "1s"
      }
    }
  }
}
`;

test("virtual time fires timers in order, also those that timers set", async () => {
  const clock = virtualClock("2026-11-20T20:00:00Z");
  const seen: [string, number][] = [];
  const note = (what: string) => seen.push([what, clock.now() - Date.parse("2026-11-20T20:00:00Z")]);
  clock.after(300, () => note("late"));
  clock.after(100, () => {
    note("early");
    clock.after(50, () => note("between"));
  });
  clock.after(200, () => note("never")).cancel();
  await clock.advance(250);
  expect(seen).toEqual([
    ["early", 100],
    ["between", 150],
  ]);
  await clock.advance(50);
  expect(seen.at(-1)).toEqual(["late", 300]);
});

test("time stands still between requests, and every reply says what time it is", async () => {
  const { get } = await drive();
  const first = await get("/v1/jobs");
  await new Promise((done) => setTimeout(done, 40));
  const second = await get("/v1/jobs");
  expect(first.headers.get("date")).toBe("Fri, 20 Nov 2026 20:00:00 GMT");
  expect(second.headers.get("date")).toBe(first.headers.get("date"));
});

test("a query that waits makes time go on to the next event, or to the end of its wait", async () => {
  const { submit, get, clock } = await drive();
  const start = clock.now();
  const { EvalID, Index } = (await submit(WEB)).body;
  const evaluation = await get(`/v1/evaluation/${EvalID}?index=${Index}&wait=60s`);
  expect(evaluation.body.Status).toBe("complete");
  expect(clock.now() - start).toBeLessThan(100);

  let deployment = await get(`/v1/deployment/${evaluation.body.DeploymentID}`);
  while (deployment.body.Status === "running")
    deployment = await get(
      `/v1/deployment/${deployment.body.ID}?index=${deployment.headers.get("x-nomad-index")}&wait=5m`,
    );
  expect(deployment.body.Status).toBe("successful");
  // min_healthy_time is 10 s where nothing else is said
  expect(clock.now() - start).toBeGreaterThan(10_000);
  expect(clock.now() - start).toBeLessThan(13_000);

  const before = clock.now();
  const quiet = await get(`/v1/job/web?index=${deployment.headers.get("x-nomad-index")}&wait=30s`);
  expect(quiet.status).toBe(200);
  // Nomad adds up to a sixteenth to the wait
  expect(clock.now() - before).toBeGreaterThanOrEqual(30_000);
  expect(clock.now() - before).toBeLessThan(32_000);
});

test("a query wakes for its own object only", async () => {
  const { submit, get, clock } = await drive();
  await submit(WEB);
  await clock.advance(60_000);
  const { headers } = await get("/v1/job/web");
  const before = clock.now();
  const waiting = get(`/v1/job/web?index=${headers.get("x-nomad-index")}&wait=20s`);
  await submit(WEB.replace('"web"', '"other"'));
  await waiting;
  expect(clock.now() - before).toBeGreaterThanOrEqual(20_000);
});

test("a log that is followed makes time go on until its reader leaves", async () => {
  const { submit, clock, allocs, cluster } = await drive();
  await submit(WEB);
  await clock.advance(2_500);
  const [alloc] = await allocs("web");
  const leave = new AbortController();
  const path = `/v1/client/fs/logs/${alloc.ID}?task=t&type=stdout&plain=true&follow=true`;
  const response = await fetch(cluster.address + path, { signal: leave.signal });
  let text = "";
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (reader && text.length < 30) text += (await reader.read()).value ?? "";
  leave.abort();
  expect(text).toMatch(/^(tick\n){6}/);
  await new Promise((done) => setTimeout(done, 50));
  const then = clock.now();
  await new Promise((done) => setTimeout(done, 50));
  expect(clock.now()).toBe(then);
});

test("the same seed gives the same cluster", async () => {
  const story = async (seed: number) => {
    const { submit, clock, get } = await drive({ seed, jobs: true });
    await submit(WEB);
    await clock.advance(60_000);
    return (await get("/v1/allocations?namespace=*")).body;
  };
  expect(await story(3)).toEqual(await story(3));
  expect((await story(4))[0].ID).not.toBe((await story(3))[0].ID);
});

test("stopping ends open queries and streams at once", async () => {
  const { submit, clock, allocs, cluster } = await drive();
  await submit(WEB);
  await clock.advance(20_000);
  const [alloc] = await allocs("web");
  const open = [
    fetch(`${cluster.address}/v1/job/web?index=9999&wait=5m`),
    fetch(`${cluster.address}/v1/client/fs/logs/${alloc.ID}?task=t&type=stdout&plain=true&follow=true`).then((r) =>
      r.text(),
    ),
  ].map((each) => each.then(() => "answered").catch(() => "ended"));
  await new Promise((done) => setTimeout(done, 20));
  const began = performance.now();
  await cluster.stop();
  expect(performance.now() - began).toBeLessThan(100);
  expect(await Promise.all(open)).toContain("ended");
});
