import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobSummary } from "../../src/endpoints/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { ending, noDeployment, nowhere, nowhereText, quickDeployment } from "./support/jobs.ts";

/** A port that nothing else takes, most likely: not one of those that Nomad deals out. */
const somePort = () => 10_000 + Math.floor(Math.random() * 9_000);
const staticPort = (Value: number) => ({ Networks: [{ ReservedPorts: [{ Label: "http", Value }] }] });

async function needing(nomad: Cluster, Resources: object): Promise<Evaluation> {
  const Tasks = [{ Name: "server", Driver: "mock_driver", Config: { run_for: "1h" }, Resources }];
  return await nomad.submit(mockJob(nomad.id(Object.keys(Resources).join("-").toLowerCase()), {}, { Tasks }));
}

contract("placement", (test) => {
  test("what fits nowhere leaves a failed placement and a blocked evaluation, and a job that calls itself running", async ({
    nomad,
  }) => {
    const job = nomad.id("nowhere");
    const evaluation = await nomad.submit(mockJob(job, {}, { ...nowhere, Count: 3 }));
    const nodes = (await nomad.get<unknown[]>("/v1/nodes")).length;
    expect(evaluation).toMatchObject({ Status: "complete", QueuedAllocations: { api: 3 } });
    expect(evaluation.FailedTGAllocs?.api).toMatchObject({
      NodesEvaluated: nodes,
      NodesFiltered: nodes,
      CoalescedFailures: 2,
    });
    const texts = Object.keys(evaluation.FailedTGAllocs?.api?.ConstraintFiltered ?? {});
    expect(texts).toContain(nowhereText);
    const blocked = await nomad.get<Evaluation>(`/v1/evaluation/${evaluation.BlockedEval}`);
    expect(blocked).toMatchObject({ Status: "blocked", TriggeredBy: "queued-allocs", PreviousEval: evaluation.ID });
    expect(blocked.FailedTGAllocs?.api).toMatchObject({ CoalescedFailures: 2 });
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({ Status: "running" });
    const { Summary } = await nomad.get<JobSummary>(`/v1/job/${job}/summary`);
    expect(Summary?.api).toMatchObject({ Queued: 3, Running: 0, Starting: 0, Failed: 0 });
  });

  test("the metrics name what is missing", async ({ nomad }) => {
    const [memory, cpu] = await Promise.all([
      needing(nomad, { MemoryMB: 9_000_000 }),
      needing(nomad, { CPU: 9_000_000 }),
    ]);
    const nodes = (await nomad.get<unknown[]>("/v1/nodes")).length;
    expect(memory.FailedTGAllocs?.api).toMatchObject({ NodesExhausted: nodes, DimensionExhausted: { memory: nodes } });
    expect(cpu.FailedTGAllocs?.api).toMatchObject({ NodesExhausted: nodes, DimensionExhausted: { cpu: nodes } });
    const driver = await nomad.submit(
      mockJob(nomad.id("driver"), {}, { Tasks: [{ Name: "server", Driver: "nosuch" }] }),
    );
    const { NodesFiltered, ConstraintFiltered } = driver.FailedTGAllocs?.api ?? {};
    const { "missing drivers": missing = 0, "computed class ineligible": alike = 0 } = ConstraintFiltered ?? {};
    // A node that is like one that was looked at is ruled out with it.
    expect([NodesFiltered, missing + alike, missing > 0]).toEqual([nodes, nodes, true]);
    const elsewhere = await nomad.submit(mockJob(nomad.id("dc"), {}, {}, { Datacenters: ["contract-none"] }));
    expect(elsewhere.FailedTGAllocs?.api).toMatchObject({ NodesEvaluated: 0, NodesFiltered: 0, NodesExhausted: 0 });
    expect(elsewhere.BlockedEval).not.toBe("");
  });

  test("a blocked evaluation wakes as soon as there is room", async ({ nomad }) => {
    const [first, second] = [nomad.id("first"), nomad.id("second")];
    const { Datacenters, count } = await nomad.oneNode();
    const port = somePort();
    const group = { ...staticPort(port), ...noDeployment };
    // A node gives a static port away once for each of its addresses: all of them are taken, however many there are.
    const full = await nomad.submit(mockJob(first, {}, { ...group, Count: 5 * count }, { Datacenters }));
    expect(full.BlockedEval).not.toBe("");
    const evaluation = await nomad.submit(mockJob(second, {}, group, { Datacenters }));
    expect(evaluation.FailedTGAllocs?.api).toMatchObject({
      DimensionExhausted: { [`network: reserved port collision http=${port}`]: count },
    });
    await nomad.stop(first);
    const woken = await nomad.until<Evaluation>(
      `/v1/evaluation/${evaluation.BlockedEval}`,
      ({ Status }) => Status === "complete",
    );
    expect(woken.FailedTGAllocs ?? {}).toEqual({});
    const placed = await nomad.allocation(second, "running");
    expect(placed.EvalID).toBe(woken.ID);
  });

  test("a service has a deployment, a batch job and one without max_parallel have none", async ({ nomad }) => {
    const deployed = await nomad.submit(mockJob(nomad.id("deployed")));
    expect(deployed.DeploymentID).toMatch(/^[0-9a-f-]{36}$/);
    const plain = await nomad.submit(mockJob(nomad.id("plain"), {}, noDeployment));
    const batch = await nomad.submit(mockJob(nomad.id("batch"), ending, {}, { Type: "batch" }));
    for (const { DeploymentID } of [plain, batch]) expect(DeploymentID ?? "").toBe("");
  });

  test("what an evaluation placed is found by its id", async ({ nomad }) => {
    const evaluation = await nomad.submit(mockJob(nomad.id("placed"), {}, { Count: 2, ...noDeployment }));
    const filter = `EvalID == \`${evaluation.ID}\` and DesiredStatus == "run"`;
    const placed = await nomad.get<AllocationStub[]>("/v1/allocations", { filter, per_page: 50, task_states: false });
    expect(placed).toHaveLength(2);
    expect(placed.map(({ EvalID }) => EvalID)).toEqual([evaluation.ID, evaluation.ID]);
  });

  test("a system job runs once on each node that fits, with a deployment, and never blocks as a service does", async ({
    nomad,
  }) => {
    const { Datacenters, count } = await nomad.oneNode();
    const job = nomad.id("system");
    const evaluation = await nomad.submit(mockJob(job, {}, quickDeployment, { Type: "system", Datacenters }));
    expect(evaluation.DeploymentID).toMatch(/^[0-9a-f-]{36}$/);
    const all = await nomad.allocations(
      job,
      (now) => now.length === count && now.every((one) => one.ClientStatus === "running"),
    );
    expect(new Set(all.map(({ NodeID }) => NodeID)).size).toBe(count);
    expect((await nomad.deployment(job, "successful")).TaskGroups?.api).toMatchObject({
      DesiredTotal: count,
      HealthyAllocs: count,
    });
    const none = await nomad.submit(mockJob(nomad.id("system-nowhere"), {}, nowhere, { Type: "system", Datacenters }));
    expect(none).toMatchObject({ Status: "complete" });
    expect(none.BlockedEval ?? "").toBe("");
    expect(none.FailedTGAllocs?.api).toMatchObject({ ConstraintFiltered: { [nowhereText]: count } });
  });
});
