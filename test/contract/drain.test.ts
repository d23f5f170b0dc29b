import { expect } from "vitest";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment, rescheduledLater } from "./support/jobs.ts";

interface NodeNow {
  readonly ID: string;
  readonly Name: string;
  readonly Drain: boolean;
  readonly DrainStrategy: object | null;
  readonly SchedulingEligibility: string;
  readonly LastDrain: { readonly Status: string } | null;
  readonly Events: readonly { readonly Message: string; readonly Details: object | null }[];
}

interface Changed {
  readonly EvalIDs: string[] | null;
  readonly EvalCreateIndex: number;
  readonly Index: number;
  readonly NodeModifyIndex: number;
}

const second = 1e9;

/** A node that is alone in its datacenter, with requests that change it. It takes work again when the test is over. */
async function loneNode(nomad: Cluster) {
  const { Datacenters, count } = await nomad.oneNode();
  expect(count).toBe(1);
  const filter = `Datacenter == "${Datacenters[0]}"`;
  const [{ ID } = { ID: "" }] = await nomad.get<NodeNow[]>("/v1/nodes", { filter });
  const path = `/v1/node/${ID}`;
  const drain = (body: object) => nomad.ask<Changed>("PUT", `${path}/drain`, { body });
  nomad.undo(() => drain({ MarkEligible: true }));
  return {
    path,
    Datacenters,
    drain,
    eligibility: (Eligibility: string) => nomad.send("PUT", `${path}/eligibility`, { body: { Eligibility } }),
    now: () => nomad.get<NodeNow>(path),
    drained: () => nomad.until<NodeNow>(path, ({ Drain }) => !Drain),
  };
}

/** A mock job of two that is on the lone node and may go anywhere. */
async function movable(nomad: Cluster, stem: string, Datacenters: string[]): Promise<string> {
  const Migrate = { MaxParallel: 1, HealthCheck: "task_states", MinHealthyTime: second, HealthyDeadline: 20 * second };
  const group = { ...noDeployment, Count: 2, Migrate };
  const id = await nomad.running(stem, {}, group, { Datacenters });
  const healthy = ({ DeploymentStatus }: { DeploymentStatus: { Healthy?: boolean | null } | null }) =>
    DeploymentStatus?.Healthy === true;
  await nomad.allocations(id, (all) => all.every(healthy));
  await nomad.submit(mockJob(id, {}, group));
  return id;
}

contract("draining a node", (test) => {
  test.sequential("services move one after the other, then system jobs go, and the node is drained", async ({
    nomad,
  }) => {
    const node = await loneNode(nomad);
    const service = await movable(nomad, "moved", node.Datacenters);
    const { Datacenters } = node;
    const system = await nomad.running("system", {}, noDeployment, { Type: "system", Datacenters });
    const before = await nomad.allocations(service, (all) => all.length === 2);

    const DrainSpec = { Deadline: 60 * second, IgnoreSystemJobs: false };
    const begun = await node.drain({ DrainSpec, Meta: { message: "kernel update" } });
    expect(begun).toMatchObject({ EvalIDs: null, EvalCreateIndex: 0 });
    expect(begun.NodeModifyIndex).toBe(begun.Index);
    expect(await node.now()).toMatchObject({
      Drain: true,
      DrainStrategy: { ...DrainSpec, ForceDeadline: expect.any(String), StartedAt: expect.any(String) },
      SchedulingEligibility: "ineligible",
      LastDrain: { Status: "draining", AccessorID: "token:acls-disabled", Meta: { message: "kernel update" } },
    });
    const refused = await node.eligibility("eligible");
    expect([refused.status, refused.text]).toEqual([
      500,
      "can not set node's scheduling eligibility to eligible while it is draining",
    ]);

    const after = await node.drained();
    expect(after).toMatchObject({
      DrainStrategy: null,
      SchedulingEligibility: "ineligible",
      LastDrain: { Status: "complete", Meta: { message: "kernel update" } },
    });
    expect(after.Events.slice(-2).map(({ Message, Details }) => [Message, Details])).toEqual([
      ["Node drain strategy set", null],
      ["Node drain complete", null],
    ]);
    const all = await nomad.allocations(service, (now) => now.length === 4);
    const moved = all.filter(({ ID }) => before.some((one) => one.ID === ID));
    for (const one of moved)
      expect(one).toMatchObject({
        DesiredStatus: "stop",
        DesiredDescription: "alloc is being migrated",
        DesiredTransition: { Migrate: true },
        ClientStatus: "complete",
        NextAllocation: expect.stringMatching(/./),
      });
    const [first, other] = all.filter((one) => !moved.includes(one));
    // The second goes when what replaced the first is healthy.
    expect((other?.CreateTime ?? 0) - (first?.CreateTime ?? 0)).toBeGreaterThan(second);
    const gone = await nomad.allocation(system, "complete");
    expect(gone).toMatchObject({ DesiredStatus: "stop", DesiredDescription: "alloc not needed as node is tainted" });
    const evaluations = await nomad.get<Evaluation[]>(`/v1/job/${service}/evaluations`);
    expect(evaluations.filter(({ TriggeredBy }) => TriggeredBy === "node-drain")).toHaveLength(2);

    const eligible = JSON.parse((await node.eligibility("eligible")).text) as Changed;
    expect(eligible.NodeModifyIndex).toBe(0);
    expect(eligible.EvalCreateIndex).toBeGreaterThan(eligible.Index);
    expect((await node.now()).Events.at(-1)?.Message).toBe("Node marked as eligible for scheduling");
    await nomad.allocations(system, (now) => now.some(({ ClientStatus }) => ClientStatus === "running"));
    const again = await node.eligibility("eligible");
    expect([again.status, again.index, JSON.parse(again.text)]).toEqual([
      200,
      0,
      { EvalCreateIndex: 0, EvalIDs: null, Index: 0, NodeModifyIndex: 0 },
    ]);
  });

  test.sequential("batch work may end until the deadline, and does not run again anywhere", async ({ nomad }) => {
    const node = await loneNode(nomad);
    const { Datacenters } = node;
    const batch = await nomad.running("batch", {}, rescheduledLater, { Type: "batch", Datacenters });
    await node.drain({ DrainSpec: { Deadline: 3 * second, IgnoreSystemJobs: true } });
    await nomad.evaluated((await nomad.force(batch, false)).ID);
    expect((await node.now()).Drain).toBe(true);
    const after = await node.drained();
    expect(after.Events.at(-1)).toMatchObject({
      Message: "Node drain complete",
      Details: { deadline_reached: "true" },
    });
    expect(after.LastDrain?.Status).toBe("complete");
    const killed = await nomad.allocation(batch, "complete");
    expect(killed).toMatchObject({
      DesiredStatus: "stop",
      DesiredTransition: { Migrate: true, MigrateDisablePlacement: true },
      NextAllocation: "",
    });
    await node.eligibility("eligible");
    await nomad.force(batch, true);
    expect(await nomad.allocations(batch, () => true)).toHaveLength(1);
    expect(await nomad.until<Job>(`/v1/job/${batch}`, ({ Status }) => Status === "dead")).toMatchObject({
      Stop: false,
    });
  });

  test.sequential("what has no other place is stopped all the same; at the deadline the rest is, too", async ({
    nomad,
  }) => {
    const node = await loneNode(nomad);
    const { Datacenters } = node;
    const Migrate = { MaxParallel: 1, HealthCheck: "task_states", MinHealthyTime: second, HealthyDeadline: 9 * second };
    const pinned = await nomad.running("pinned", {}, { ...noDeployment, Count: 2, Migrate }, { Datacenters });
    await nomad.allocations(pinned, (all) => all.every(({ DeploymentStatus }) => DeploymentStatus?.Healthy === true));
    await node.drain({ DrainSpec: { Deadline: 6 * second, IgnoreSystemJobs: true } });
    const statuses = (all: readonly { ClientStatus: string }[]) => all.map(({ ClientStatus }) => ClientStatus).sort();
    await nomad.allocations(pinned, (all) => statuses(all).join() === "complete,running");
    expect((await node.now()).Drain).toBe(true);
    await node.drained();
    await nomad.allocations(pinned, (all) => statuses(all).join() === "complete,complete");
    const filter = `JobID == "${pinned}" and Status == "blocked"`;
    const [blocked] = await nomad.get<Evaluation[]>("/v1/evaluations", { filter });
    expect(blocked?.FailedTGAllocs?.api).toMatchObject({ NodesEvaluated: 0, CoalescedFailures: expect.any(Number) });
  });

  test.sequential("a drain is changed, and canceled; what is not draining has nothing to cancel", async ({ nomad }) => {
    const node = await loneNode(nomad);
    const { Datacenters } = node;
    await nomad.running("holds", {}, rescheduledLater, { Type: "batch", Datacenters });
    await node.drain({ DrainSpec: { Deadline: 0, IgnoreSystemJobs: false }, Meta: { message: "first" } });
    const first = await node.now();
    expect(first.DrainStrategy).toMatchObject({ Deadline: 0, ForceDeadline: null });
    await node.drain({ DrainSpec: { Deadline: 3600 * second }, Meta: { message: "second" } });
    const changed = await node.now();
    expect(changed.Events.at(-1)?.Message).toBe("Node drain strategy updated");
    expect(changed.LastDrain).toMatchObject({ Status: "draining", Meta: { message: "second" } });
    // A body without a DrainSpec cancels.
    await node.drain({});
    const canceled = await node.now();
    expect(canceled).toMatchObject({ Drain: false, SchedulingEligibility: "ineligible", DrainStrategy: null });
    expect(canceled.LastDrain).toMatchObject({ Status: "canceled", Meta: { message: "second" } });
    expect(canceled.Events.at(-1)?.Message).toBe("Node drain disabled");
    const eligible = await node.drain({ MarkEligible: true });
    expect(eligible.EvalIDs?.length ?? 0).toBeGreaterThan(0);
    expect(await node.now()).toMatchObject({ SchedulingEligibility: "eligible", LastDrain: { Status: "canceled" } });
  });

  test.sequential("refused: no such node, no such eligibility, no body", async ({ nomad }) => {
    const node = await loneNode(nomad);
    const nowhere = "/v1/node/5d1f9d0c-6a54-4b6e-9a0b-6f3b1f0c2a11";
    const answers = [
      await nomad.send("PUT", `${nowhere}/drain`, { body: {} }),
      await nomad.send("PUT", `${nowhere}/eligibility`, { body: { Eligibility: "eligible" } }),
      await nomad.send("PUT", `${nowhere}/eligibility`, { body: { Eligibility: "maybe" } }),
      await nomad.send("PUT", "/v1/node/client-1/drain", { body: {} }),
      await nomad.send("GET", `${node.path}/drain`),
      await nomad.send("PUT", `${node.path}/drain`),
    ];
    expect(answers.map(({ status, text }) => `${status} ${text}`)).toMatchInlineSnapshot(`
      [
        "500 node not found",
        "500 node not found",
        "500 invalid scheduling eligibility "maybe"",
        "500 node lookup failed: index error: UUID must be 36 characters",
        "405 Invalid method",
        "400 Request body is empty",
      ]
    `);
  });
});
