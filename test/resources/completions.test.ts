import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Deployment } from "../../src/endpoints/deployments.ts";
import { type DemoSession, demoSession } from "../support/demo-session.ts";
import { parameterized } from "../support/parents.ts";
import { openSession, type TestSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const job = "nomad://{cluster}/jobs/{namespace}/{job_id}";

/** What is suggested for a variable of a resource template. */
async function suggest(
  uri: string,
  name: string,
  value: string,
  given: Record<string, string> = {},
  from?: TestSession,
) {
  const ref = { type: "ref/resource" as const, uri };
  const asked = { ref, argument: { name, value }, context: { arguments: given } };
  return (await (from ?? session).client.complete(asked)).completion;
}

describe("suggested", () => {
  test("jobs of the namespace that was filled in; runs only behind the slash", async () => {
    expect((await suggest(job, "job_id", "")).values).toMatchInlineSnapshot(`
      [
        "cache",
        "checkout",
        "ml-train",
        "nightly-report",
        "web",
      ]
    `);
    expect((await suggest(job, "job_id", "ch")).values).toEqual(["checkout"]);
    expect((await suggest(job, "job_id", "b", { namespace: "prod" })).values).toEqual(["billing"]);
    await session.register(parameterized("report", {}));
    await session.call("dispatch_job", { job_id: "report" });
    expect((await suggest(job, "job_id", "rep")).values).toEqual(["report"]);
    expect((await suggest(job, "job_id", "report/")).values).toEqual([expect.stringMatching(/^report\/dispatch-/)]);
  });

  test("namespaces, clusters, groups", async () => {
    expect((await suggest(job, "namespace", "")).values).toEqual(["default", "prod"]);
    expect((await suggest(job, "namespace", "p")).values).toEqual(["prod"]);
    expect((await suggest(job, "cluster", "")).values).toEqual(["default"]);
    const log = "nomad://{cluster}/logs/{namespace}/{job_id}/{group}";
    expect((await suggest(log, "group", "", { job_id: "checkout" })).values).toEqual(["api", "worker"]);
    expect((await suggest(log, "group", "w", { job_id: "checkout" })).values).toEqual(["worker"]);
  });

  test("job files of the library by any part of their address, none where there is no library", async () => {
    const template = "nomad://{cluster}/files/{file}";
    const { values } = await suggest(template, "file", "RESTART");
    expect(values).toContain("job-files/restart.nomad.hcl");
    expect(values.every((value) => /restart/i.test(value))).toBe(true);
    expect((await suggest(template, "file", "job-files/")).values.length).toBeGreaterThan(values.length);
    const without = await openSession({ address: session.demo.address, library: null });
    onTestFinished(() => without.close());
    expect((await suggest(template, "file", "restart", {}, without)).values).toEqual([]);
  });

  test("allocations, the newest first where nothing was typed, and their tasks", async () => {
    const template = "nomad://{cluster}/logs/{allocation_id}/{task}";
    const allocations = await session.nomad<AllocationStub[]>("GET", "/v1/allocations");
    const newest = allocations.toSorted((one, other) => other.CreateIndex - one.CreateIndex)[0]?.ID ?? "";
    const all = await suggest(template, "allocation_id", "");
    expect([all.values[0], all.values.length]).toEqual([newest, Math.min(20, allocations.length)]);
    for (const length of [1, 2, 3, 8, 9, 12]) {
      expect((await suggest(template, "allocation_id", newest.slice(0, length))).values, `${length}`).toContain(newest);
    }
    expect((await suggest(template, "allocation_id", "web")).values).toEqual([]);
    const [{ ID }] = await session.nomad<[AllocationStub]>("GET", "/v1/job/web/allocations");
    expect((await suggest(template, "task", "", { allocation_id: ID })).values).toEqual(["nginx"]);
  });

  test("nodes by name and by id, deployments", async () => {
    const node = "nomad://{cluster}/nodes/{node_id}";
    expect((await suggest(node, "node_id", "")).values).toHaveLength(3);
    expect((await suggest(node, "node_id", "client-1")).values).toEqual(["client-1"]);
    const [deployment] = await session.nomad<[Deployment]>("GET", "/v1/deployments");
    const template = "nomad://{cluster}/deployments/{deployment_id}";
    const found = await suggest(template, "deployment_id", deployment.ID.slice(0, 6));
    expect(found.values).toEqual([deployment.ID]);
  });

  test("for prompts as well", async () => {
    const ref = { type: "ref/prompt" as const, name: "diagnose-job" };
    const { completion } = await session.client.complete({ ref, argument: { name: "job_id", value: "we" } });
    expect(completion).toEqual({ values: ["web"], total: 1, hasMore: false });
  });
});

describe("nothing is suggested, and no error said", () => {
  const nothing = { values: [], total: 0, hasMore: false };

  test("where the cluster is away", async () => {
    const away = await openSession({ address: "http://127.0.0.1:9" });
    onTestFinished(() => away.close());
    expect(await suggest(job, "job_id", "w", {}, away)).toEqual(nothing);
  });

  test("for what does not exist", async () => {
    expect(await suggest(job, "nothing", "w")).toEqual(nothing);
    expect(await suggest("nomad://{cluster}/volumes/{volume_id}", "volume_id", "w")).toEqual(nothing);
    expect(await suggest(job, "job_id", "w", { cluster: "elsewhere", namespace: "../*" })).toEqual(nothing);
    const log = "nomad://{cluster}/logs/{namespace}/{job_id}/{group}";
    expect(await suggest(log, "group", "", { job_id: "none" })).toEqual(nothing);
  });
});
