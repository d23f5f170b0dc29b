import { expect } from "vitest";
import type { Allocation, AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobChange, JobStub } from "../../src/endpoints/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

contract("namespaces", (test) => {
  test("one that there is not has no jobs to list, and takes none", async ({ nomad }) => {
    const namespace = "contract-none";
    expect(await nomad.get<JobStub[]>("/v1/jobs", { namespace })).toEqual([]);
    const job = nomad.id("lost");
    const missing = await nomad.send("GET", `/v1/job/${job}`, { query: { namespace } });
    expect([missing.status, missing.text]).toEqual([404, "job not found"]);
    for (const [query, more] of [[{ namespace }, {}] as const, [{}, { Namespace: namespace }] as const]) {
      const { status, text } = await nomad.send("POST", "/v1/jobs", {
        query,
        body: { Job: mockJob(job, {}, {}, more) },
      });
      expect([status, text]).toEqual([
        500,
        `1 error occurred:\n\t* job "${job}" is in nonexistent namespace "${namespace}"\n\n`,
      ]);
    }
  });

  test("the namespaces and the node pools are listed by name", async ({ nomad }) => {
    const names = async (path: string) => (await nomad.get<{ Name: string }[]>(path)).map(({ Name }) => Name);
    expect(await names("/v1/namespaces")).toContain("default");
    expect(await names("/v1/node/pools")).toEqual(expect.arrayContaining(["all", "default"]));
  });

  test("the query's namespace goes before the job's own", async ({ nomad }) => {
    await nomad.needNamespace("prod");
    const job = nomad.id("whose");
    const namespaces = async () =>
      (await nomad.get<JobStub[]>("/v1/jobs", { prefix: job, namespace: "*" })).map(({ Namespace }) => Namespace);
    await nomad.register(mockJob(job, {}, noDeployment, { Namespace: "prod" }), {}, { namespace: "default" });
    expect(await namespaces()).toEqual(["default"]);
    await nomad.register(mockJob(job, {}, noDeployment, { Namespace: "prod" }));
    expect(await namespaces()).toEqual(["default", "prod"]);
  });

  test("the same id in two namespaces is two jobs", async ({ nomad }) => {
    await nomad.needNamespace("prod");
    const job = nomad.id("twice");
    await nomad.submit(mockJob(job, {}, noDeployment));
    const { EvalID } = await nomad.register(mockJob(job, {}, { Count: 2, ...noDeployment }), {}, { namespace: "prod" });
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({ Namespace: "default", TaskGroups: [{ Count: 1 }] });
    expect(await nomad.get<Job>(`/v1/job/${job}`, { namespace: "prod" })).toMatchObject({ Namespace: "prod" });
    const filter = `ID == \`${job}\``;
    const both = await nomad.get<JobStub[]>("/v1/jobs", { namespace: "*", filter, per_page: 20 });
    expect(both.map(({ Namespace }) => Namespace)).toEqual(["default", "prod"]);

    // An evaluation and an allocation are found by their id alone.
    await nomad.until<Evaluation>(`/v1/evaluation/${EvalID}`, ({ Status }) => Status === "complete");
    const of = { filter: `JobID == \`${job}\`` };
    expect(await nomad.get<AllocationStub[]>("/v1/allocations", of)).toHaveLength(1);
    expect(await nomad.get<AllocationStub[]>("/v1/allocations", { ...of, namespace: "*" })).toHaveLength(3);
    const there = await nomad.get<AllocationStub[]>("/v1/allocations", { ...of, namespace: "prod" });
    expect(there.map(({ Namespace }) => Namespace)).toEqual(["prod", "prod"]);
    expect(await nomad.get<Allocation>(`/v1/allocation/${there[0]?.ID}`)).toMatchObject({ Namespace: "prod" });

    await nomad.ask<JobChange>("DELETE", `/v1/job/${job}`, { query: { namespace: "prod", purge: true } });
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({ Namespace: "default", Stop: false });
  });

  test("list_namespaces: jobs, what they may use, and a pool without nodes", async ({ nomad }) => {
    const [team, pool] = [nomad.id("team"), nomad.id("pool")];
    const Capabilities = { EnabledTaskDrivers: ["mock_driver"], DisabledTaskDrivers: ["raw_exec"] };
    const id = nomad.id("lives");
    // In this order: what is in use cannot be deleted.
    nomad.undo(() => nomad.send("DELETE", `/v1/job/${id}`, { query: { namespace: team, purge: true } }));
    nomad.undo(() => nomad.send("DELETE", `/v1/namespace/${team}`));
    nomad.undo(() => nomad.send("DELETE", `/v1/node/pool/${pool}`));
    await nomad.send("PUT", "/v1/namespace", { body: { Name: team, Description: "of a test", Capabilities } });
    await nomad.send("PUT", "/v1/node/pools", { body: { Name: pool, Description: "no machines" } });
    const job = mockJob(id, {}, noDeployment, { NodePool: pool });
    const { EvalID } = await nomad.register(job, {}, { namespace: team });
    await nomad.evaluated(EvalID);
    const text = await nomad.tell("list_namespaces", {});
    expect(text).toMatch(new RegExp(`\\n${team} +1 .*of a test\\n`));
    expect(text).toContain(`\nJobs of ${team} may use only driver mock_driver, no driver raw_exec\n`);
    expect(text).toMatch(new RegExp(`\\nNode pools: .*${pool} \\(no nodes, 1 job, no machines\\)`));
    expect(await nomad.tell("list_namespaces", { namespace: team })).toMatch(
      `Namespace ${team} with 1 job, 1 in trouble\n`,
    );
  });
});
