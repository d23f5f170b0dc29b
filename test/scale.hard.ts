import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type DemoCluster, startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toolsets } from "../src/tools/index.ts";
import { demoSession, mockJob } from "./support/demo-session.ts";
import { fillUp, type Size } from "./support/large-cluster.ts";
import { openSession, type TestSession } from "./support/session.ts";

// What a question costs must not grow with the cluster. How long it takes is measured by npm run bench.

interface Cluster {
  readonly demo: DemoCluster;
  readonly session: TestSession;
}

async function cluster(size: Size): Promise<Cluster> {
  const demo = await startDemoCluster({ clock: virtualClock(), seed: 1, fill: fillUp(size) });
  return { demo, session: await openSession({ address: demo.address }) };
}

let small: Cluster;
let large: Cluster;
beforeAll(async () => {
  small = await cluster({ jobs: 10, deadAllocations: 50, nodes: 500 });
  large = await cluster({ jobs: 10_000, deadAllocations: 50_000, nodes: 500 });
});
afterAll(async () => {
  for (const { demo, session } of [small, large]) {
    await session.close();
    await demo.stop();
  }
});

/** What a call asked of Nomad. */
async function cost({ demo, session }: Cluster, tool: string, args: Record<string, unknown>) {
  const before = demo.requests.length;
  const { text, isError } = await session.call(tool, args);
  expect(isError, text).toBe(false);
  const asked = demo.requests.slice(before);
  return { requests: asked.length, bytes: asked.reduce((total, { bytes }) => total + bytes, 0) };
}

const names = new Set(toolsets.flatMap(({ tools }) => tools.map(({ name }) => name)));

describe("a question about one job costs the same in a large cluster", () => {
  test.each(["get_job_status", "diagnose_job", "get_job_evaluations", "get_allocation_status", "get_job_spec"])(
    "%s",
    async (tool) => {
      for (const job_id of ["web", "checkout"]) {
        const [few, many] = [await cost(small, tool, { job_id }), await cost(large, tool, { job_id })];
        expect(many.requests).toBeLessThanOrEqual(few.requests);
        // Who else is in trouble on a node is a page, which a small cluster does not fill.
        expect(many.bytes).toBeLessThanOrEqual(few.bytes + 50_000);
      }
    },
  );
});

test("a page of jobs is two requests of less than 100 KB", async () => {
  const { requests, bytes } = await cost(large, "list_nomad_jobs", {});
  expect(requests).toBe(2);
  expect(bytes).toBeLessThan(100_000);
});

test("a page of nodes is three requests of less than 1 MB", async () => {
  const { requests, bytes } = await cost(large, "list_nodes", {});
  expect(requests).toBe(3);
  expect(bytes).toBeLessThan(1_000_000);
});

test("a node is four requests of less than 100 KB", async () => {
  const { requests, bytes } = await cost(large, "get_node_status", { node: "node-0007" });
  expect(requests).toBe(4);
  expect(bytes).toBeLessThan(100_000);
});

test("what a drain of a node would do is at most 40 requests of less than 2 MB", async () => {
  const { requests, bytes } = await cost(large, "get_node_status", { node: "node-0007", drain_preview: true });
  expect(requests).toBeLessThanOrEqual(40);
  expect(bytes).toBeLessThan(2_000_000);
});

test("a page of deployments is two requests of less than 100 KB, and the servers are nine", async () => {
  const page = await cost(large, "list_deployments", {});
  expect(page.requests).toBeLessThanOrEqual(2);
  expect(page.bytes).toBeLessThan(100_000);
  const servers = await cost(large, "get_server_health", {});
  expect(servers.requests).toBeLessThanOrEqual(9);
  expect(servers.bytes).toBeLessThan(50_000);
});

test("a page of services is 27 requests of less than 1 MB", async () => {
  const { requests, bytes } = await cost(large, "list_services", {});
  expect(requests).toBeLessThanOrEqual(27);
  expect(bytes).toBeLessThan(1_000_000);
});

test("a timeline is at most 37 requests of less than 1.5 MB", async () => {
  for (const args of [{}, { since: "3h", until: "2h" }, { job_id: "svc-00500" }, { node: "node-0007" }]) {
    const { requests, bytes } = await cost(large, "get_timeline", args);
    expect(requests).toBeLessThanOrEqual(37);
    expect(bytes).toBeLessThan(1_500_000);
  }
});

test("a timeline reaches a time before which much has happened", async () => {
  const session = await demoSession();
  await session.register(mockJob("early"), 1800);
  for (let index = 0; index < 700; index++) await session.nomad("POST", "/v1/job/early/evaluate", { JobID: "early" });
  await session.register(mockJob("late"), 60);
  const before = session.demo.requests.length;
  const { text } = await session.call("get_timeline", { since: "40m", until: "20m" });
  expect(text).toMatch(/ early: version 0 submitted\n/);
  expect(text).not.toMatch(/Not looked at|late/);
  expect(session.demo.requests.length - before).toBeLessThanOrEqual(37);
  expect((await session.call("get_timeline", { since: "40m" })).text).toMatch(
    /Not looked at: what was submitted, stopped or scaled before /,
  );
  await session.close();
});

test("namespaces, node pools and regions are eight requests of less than 1.2 MB", async () => {
  const { requests, bytes } = await cost(large, "list_namespaces", {});
  expect(requests).toBeLessThanOrEqual(8);
  expect(bytes).toBeLessThan(1_200_000);
});

test("what a page of jobs uses is at most 100 requests of less than 200 KB", async () => {
  const { requests, bytes } = await cost(large, "get_job_usage", { follow_seconds: 2 });
  expect(requests).toBeLessThanOrEqual(100);
  expect(bytes).toBeLessThan(200_000);
});

test("the whole cluster is looked through in at most 20 requests and 10 MB", async () => {
  const { requests, bytes } = await cost(large, "find_problems", {});
  expect(requests).toBeLessThanOrEqual(20);
  expect(bytes).toBeLessThan(10_000_000);
});

/** In front of a cluster: what it answered once is given again as an idle Nomad would, so that what takes longer is this program. */
async function remembering({ address }: DemoCluster): Promise<{ address: string; close(): Promise<unknown> }> {
  const worker = new Worker(new URL("./support/remembering.mjs", import.meta.url), { workerData: { address } });
  const [port] = await once(worker, "message");
  return { address: `http://127.0.0.1:${port}`, close: () => worker.terminate() };
}

describe("how much longer it takes than in a cluster of ten jobs", () => {
  const calls: [tool: string, args: Record<string, unknown>][] = [
    // What is free on 25 nodes is said by the 500 allocations that run there, 640 KB; of ten jobs none does.
    ["list_nodes", {}],
    ["get_node_status", { node: "node-0004" }],
    ["list_deployments", {}],
    ["list_services", {}],
    ["get_server_health", {}],
    ["get_timeline", { since: "1h" }],
  ];
  // A pause of this machine in all rounds of one side says nothing of the program.
  test.each(calls)("%s", { retry: 2 }, async (tool, args) => {
    const sides = await Promise.all(
      [small, large].map(async ({ demo }) => {
        const front = await remembering(demo);
        return { front, session: await openSession({ address: front.address }), times: [] as number[] };
      }),
    );
    for (let round = 0; round < 40; round++) {
      for (const { session, times } of sides) {
        const from = performance.now();
        const { isError, text } = await session.call(tool, args);
        times.push(performance.now() - from);
        expect(isError, text).toBe(false);
      }
    }
    // Of those that are warm the fastest quarter: what else this machine does makes the others longer.
    const [few = 0, many = 0] = sides.map(({ times }) => times.slice(10).sort((one, other) => one - other)[7] ?? 0);
    for (const { front, session } of sides) {
      await session.close();
      await front.close();
    }
    expect(many / few, `${few.toFixed(1)} ms and ${many.toFixed(1)} ms`).toBeLessThanOrEqual(3);
  });
});

test("what is measured here is offered", () => {
  for (const tool of ["get_job_status", "diagnose_job", "find_problems"]) expect([...names]).toContain(tool);
});
