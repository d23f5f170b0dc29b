import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { guard } from "../support/guard.ts";
import { fillUp } from "../support/large-cluster.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const list = async (args: Record<string, unknown> = {}) => {
  const { text, isError } = await session.call("list_namespaces", args);
  expect(isError, text).toBe(false);
  return text;
};

const put = async (path: string, body: object) => {
  const { ok } = await fetch(`${session.demo.address}${path}`, { method: "PUT", body: JSON.stringify(body) });
  expect(ok).toBe(true);
};

test("namespaces with their jobs, node pools with their nodes, and the region", async () => {
  expect(await list()).toMatchInlineSnapshot(`
    "2 namespaces with 6 jobs, 2 in trouble

    namespace  jobs  ended  in trouble  description
    default    5     1      2           Default shared namespace
    prod       1                        production

    Node pools: default (3 nodes, 6 jobs)
    Region: global
    Next: find_problems says what is wrong in default"
  `);
});

test("what the jobs of a namespace may use, and a pool whose jobs have no node", async () => {
  const Capabilities = {
    DisabledTaskDrivers: ["raw_exec", "docker"],
    EnabledNetworkModes: ["bridge"],
    EnabledTaskDrivers: ["mock_driver"],
  };
  await put("/v1/namespace", { Name: "team", Description: "the team's\nown", Capabilities });
  await put("/v1/node/pools", { Name: "gpu", Description: "machines with GPUs" });
  await session.register(mockJob("train", {}, {}, { Namespace: "team", NodePool: "gpu" }));
  expect(await list()).toMatchInlineSnapshot(`
    "3 namespaces with 7 jobs, 3 in trouble

    namespace  jobs  ended  in trouble  description
    default    5     1      2           Default shared namespace
    prod       1                        production
    team       1            1           the team's own

    Jobs of team may use only driver mock_driver, no driver raw_exec or docker, only network mode bridge
    Node pools: default (3 nodes, 6 jobs) and gpu (no nodes, 1 job, machines with GPUs)
    Region: global
    Next: find_problems says what is wrong in default"
  `);
});

test("one namespace, where a call names it; and one that is not there", async () => {
  expect(await list({ namespace: "prod" })).toMatchInlineSnapshot(`
    "Namespace prod with 1 job

    namespace  jobs  description
    prod       1     production

    Node pools: default (3 nodes)
    Region: global"
  `);
  const { text, isError } = await session.call("list_namespaces", { namespace: "prd" });
  expect([isError, text]).toEqual([
    true,
    "There is no namespace prd that this session may see; there is default and prod.",
  ]);
});

test("page by page", async () => {
  const first = await list({ limit: 1 });
  expect(first).toMatchInlineSnapshot(`
    "2 namespaces, 1 shown with 5 jobs, 2 in trouble

    namespace  jobs  ended  in trouble  description
    default    5     1      2           Default shared namespace

    Node pools: default (3 nodes)
    Region: global
    Next: find_problems says what is wrong in default, or cursor=default"
  `);
  const cursor = /cursor=(\S+)/.exec(first)?.[1];
  expect(await list({ limit: 1, cursor })).toMatchInlineSnapshot(`
    "2 namespaces, 1 shown with 1 job

    namespace  jobs  description
    prod       1     production

    Node pools: default (3 nodes)
    Region: global"
  `);
});

test("counts of a large cluster are what was read, and say so", async () => {
  const demo = await startDemoCluster({
    clock: virtualClock(),
    seed: 1,
    fill: fillUp({ jobs: 600, deadAllocations: 0, nodes: 220 }),
  });
  onTestFinished(() => demo.stop());
  const large = await openSession({ address: demo.address });
  onTestFinished(() => large.close());
  const { text } = await large.call("list_namespaces", {});
  expect(text).toMatch(/^2 namespaces with at least \d+ jobs/);
  expect(text).toMatch(/\ndefault +\d+\+ /);
  // What the first page did not reach was asked by itself.
  expect(text).toMatch(/\nprod +1 +production\n/);
  expect(text).toMatch(/\nNode pools: default \(\d+\+ nodes\)\n/);
});

test("a token that sees only some: said so, and what it may not list is not taken for empty", async () => {
  const watching = guard(["list-jobs"]);
  onTestFinished(() => watching.remove());
  const { result } = await watching.watch(() => session.call("list_namespaces", {}));
  expect(result.text).toMatchInlineSnapshot(`
    "2 namespaces with 6 jobs, 2 in trouble

    namespace  jobs  ended  in trouble  description
    default    5     1      2           Default shared namespace
    prod       1                        production

    Region: global
    Not seen: node pools (the token needs node_pool "*" { policy = "read" }).
    Next: find_problems says what is wrong in default"
  `);
});

test("several regions: which one this is, and that the others are not seen here", async () => {
  const { fetch } = globalThis;
  const federated = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    if (!String(input).includes("/v1/regions")) return await fetch(input, init);
    return Response.json(["eu", "global", "us"]);
  });
  onTestFinished(() => federated.mockRestore());
  expect(await list()).toMatch(
    /\nRegions: global \(this one\), eu and us: each has its own jobs and nodes, and those of others are not seen here\n/,
  );
});
