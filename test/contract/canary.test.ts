import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { failingAtOnce, neverRescheduled, noRestart } from "./support/jobs.ts";

const second = 1e9;
const update = { MaxParallel: 1, HealthCheck: "task_states", MinHealthyTime: second / 2, HealthyDeadline: 8 * second };
const progress = { ProgressDeadline: 12 * second };

interface Deployment {
  readonly ID: string;
  readonly JobVersion: number;
  readonly Status: string;
  readonly StatusDescription: string;
  readonly TaskGroups: Readonly<Record<string, Group>>;
}

interface Group {
  readonly HealthyAllocs: number;
  readonly Promoted: boolean;
  readonly PlacedCanaries: readonly string[] | null;
}

interface Job {
  readonly Version: number;
  readonly Stable: boolean;
  readonly SubmitTime: number;
  readonly CreateIndex: number;
  readonly TaskGroups: readonly object[];
}

interface Acted {
  readonly EvalID: string;
  readonly EvalCreateIndex: number;
  readonly DeploymentModifyIndex: number;
  readonly Index: number;
  readonly RevertedJobVersion: number | null;
}

/** A job of two whose first version is out, and whose next one is tried with canaries. */
async function canaries(nomad: Cluster, stem: string, more: object = {}, config: object = { run_for: "2h" }) {
  const id = nomad.id(stem);
  const group = (canary: object) => ({ Count: 2, Update: { ...update, ...progress, ...canary } });
  const first = mockJob(id, {}, group({ Canary: 1, ...more }));
  await nomad.submit(first);
  await nomad.deployment(id, "successful");
  const evaluation = await nomad.submit(mockJob(id, config, { ...group({ Canary: 1, ...more }), ...noRestart }));
  const found = await nomad.get<Deployment>(`/v1/job/${id}/deployment`);
  return { id, first, group, evaluation, deployment: found };
}

function act(nomad: Cluster, action: string, DeploymentID: string, body: object = {}) {
  return nomad.send("PUT", `/v1/deployment/${action}/${DeploymentID}`, { body: { DeploymentID, ...body } });
}

async function acted(nomad: Cluster, action: string, DeploymentID: string, body: object = {}): Promise<Acted> {
  return JSON.parse((await act(nomad, action, DeploymentID, body)).text);
}

/** The deployment, once its group is as asked. */
async function groupOf(nomad: Cluster, id: string, is: (group: Group) => boolean) {
  return await nomad.until<Deployment>(
    `/v1/deployment/${id}`,
    ({ TaskGroups: { api } }) => api !== undefined && is(api),
  );
}

const one = ({ HealthyAllocs }: Group) => HealthyAllocs >= 1;
const brief = (all: readonly AllocationStub[]) =>
  all.map(({ Name, JobVersion, DesiredStatus, DesiredDescription, DeploymentStatus }) =>
    [
      `${Name.replace(/^.*\.api/, "api")} v${JobVersion} ${DesiredStatus}`,
      DeploymentStatus?.Canary && "canary",
      DesiredDescription,
    ]
      .filter(Boolean)
      .join(", "),
  );

contract("canaries and reverts", (test) => {
  test("a canary is placed beside the old version and waits for its promotion", async ({ nomad }) => {
    const { id, evaluation, deployment } = await canaries(nomad, "waits");
    expect(evaluation.PlanAnnotations?.DesiredTGUpdates?.api).toMatchObject({ Canary: 1, Ignore: 2, Place: 0 });
    const early = await act(nomad, "promote", deployment.ID, { All: true });
    expect([early.status, early.text]).toEqual([
      500,
      '1 error occurred:\n\t* Task group "api" has 0/1 healthy allocations\n\n',
    ]);
    const waiting = await groupOf(nomad, deployment.ID, one);
    expect(waiting).toMatchObject({
      Status: "running",
      StatusDescription: "Deployment is running but requires manual promotion",
      TaskGroups: {
        api: {
          ...{ DesiredCanaries: 1, DesiredTotal: 2, PlacedAllocs: 1, Promoted: false },
          PlacedCanaries: [expect.any(String)],
        },
      },
    });
    const beside = await nomad.allocations(id, (all) => all.length === 3);
    expect(brief(beside).toSorted()).toEqual(["api[0] v0 run", "api[0] v1 run, canary", "api[1] v0 run"]);
    expect(waiting.TaskGroups.api?.PlacedCanaries).toEqual([beside.at(-1)?.ID]);
    const scaled = await nomad.send("PUT", `/v1/job/${id}/scale`, { body: { Count: 3, Target: { Group: "api" } } });
    expect([scaled.status, scaled.text]).toEqual([400, "job scaling blocked due to active deployment"]);

    const nothing = await acted(nomad, "promote", deployment.ID, { Groups: ["nope"] });
    expect(nothing).toMatchObject({ EvalID: expect.stringMatching(/./), RevertedJobVersion: null });
    expect(nothing).toMatchObject({ EvalCreateIndex: nothing.Index, DeploymentModifyIndex: nothing.Index });
    expect((await nomad.get<Deployment>(`/v1/deployment/${deployment.ID}`)).TaskGroups.api?.Promoted).toBe(false);

    await acted(nomad, "promote", deployment.ID, { All: true });
    expect(await nomad.get(`/v1/deployment/${deployment.ID}`)).toMatchObject({
      StatusDescription: "Deployment is running",
      TaskGroups: { api: { Promoted: true } },
    });
    await nomad.deployment(id, "successful");
    expect(brief(await nomad.allocations(id, (all) => all.length === 4)).toSorted()).toEqual([
      "api[0] v0 stop, alloc not needed due to job update",
      "api[0] v1 run",
      "api[1] v0 stop, alloc is being updated due to job update",
      "api[1] v1 run",
    ]);
    expect((await nomad.get<Job>(`/v1/job/${id}`)).Stable).toBe(true);
    for (const [action, body, why] of [
      ["promote", { All: true }, "can't promote terminal deployment"],
      ["fail", {}, "can't fail terminal deployment"],
      ["pause", { Pause: true }, "can't pause terminal deployment"],
      ["pause", { Pause: false }, "can't resume terminal deployment"],
      ["unblock", {}, "can't unblock terminal deployment"],
      [
        "allocation-health",
        { HealthyAllocationIDs: [id] },
        "can't set health of allocations for a terminal deployment",
      ],
    ] as const) {
      const { status, text } = await act(nomad, action, deployment.ID, body);
      expect([status, text]).toEqual([500, why]);
    }
  });

  test("no progress deadline ends the wait; paused, a promotion has no effect until it goes on", async ({ nomad }) => {
    const { id, deployment } = await canaries(nomad, "paused", {
      ProgressDeadline: 6 * second,
      HealthyDeadline: 5 * second,
    });
    await groupOf(nomad, deployment.ID, one);
    await nomad.pass(7_500);
    expect(await nomad.get(`/v1/deployment/${deployment.ID}`)).toMatchObject({ Status: "running" });
    await acted(nomad, "pause", deployment.ID, { Pause: true });
    const promoted = await acted(nomad, "promote", deployment.ID, { Groups: ["api"] });
    await nomad.evaluated(promoted.EvalID);
    expect(await nomad.get(`/v1/deployment/${deployment.ID}`)).toMatchObject({
      ...{ Status: "paused", StatusDescription: "Deployment is paused" },
      TaskGroups: { api: { Promoted: true } },
    });
    expect((await nomad.allocations(id, () => true)).filter(({ JobVersion }) => JobVersion === 1)).toHaveLength(1);
    await acted(nomad, "pause", deployment.ID, { Pause: false });
    await nomad.deployment(id, "successful");
  });

  test("auto_promote: healthy canaries are promoted by themselves", async ({ nomad }) => {
    const { id, deployment } = await canaries(nomad, "auto", { AutoPromote: true, Canary: 2 });
    expect(deployment.StatusDescription).toBe("Deployment is running pending automatic promotion");
    const ended = await nomad.deployment(id, "successful");
    expect(ended).toMatchObject({
      ID: deployment.ID,
      TaskGroups: { api: { Promoted: true, DesiredCanaries: 2, HealthyAllocs: 2 } },
    });
    const all = await nomad.allocations(id, (now) => now.length === 4);
    expect(all.filter(({ DesiredStatus }) => DesiredStatus === "run").map(({ JobVersion }) => JobVersion)).toEqual([
      1, 1,
    ]);
  });

  test("failed by hand without auto_revert: canaries are stopped, the old version goes on", async ({ nomad }) => {
    const { id, deployment } = await canaries(nomad, "failed");
    await groupOf(nomad, deployment.ID, one);
    expect(await acted(nomad, "fail", deployment.ID)).toMatchObject({ RevertedJobVersion: null });
    expect(await nomad.deployment(id, "failed")).toMatchObject({ StatusDescription: "Deployment marked as failed" });
    const stopped = (all: AllocationStub[]) => all.some(({ DesiredStatus }) => DesiredStatus === "stop");
    expect(brief(await nomad.allocations(id, stopped)).toSorted()).toEqual([
      "api[0] v0 run",
      "api[0] v1 stop, canary, alloc not needed due to job update",
      "api[1] v0 run",
    ]);
  });

  test("failed by hand with auto_revert: the stable version is registered anew, as it was submitted", async ({
    nomad,
  }) => {
    const { id, deployment } = await canaries(nomad, "reverted", { AutoRevert: true });
    await groupOf(nomad, deployment.ID, one);
    expect(await acted(nomad, "fail", deployment.ID)).toMatchObject({ RevertedJobVersion: 0 });
    expect(await nomad.get(`/v1/deployment/${deployment.ID}`)).toMatchObject({
      Status: "failed",
      StatusDescription: "Deployment marked as failed - rolling back to job version 0",
    });
    const anew = await nomad.until<Deployment>(
      `/v1/job/${id}/deployment`,
      ({ JobVersion, Status }) => JobVersion === 2 && Status === "successful",
    );
    expect(anew.TaskGroups.api).toMatchObject({ DesiredCanaries: 0, DesiredTotal: 2, PlacedAllocs: 2 });
    const { Versions } = await nomad.get<{ Versions: Job[] }>(`/v1/job/${id}/versions`);
    const [now, failed, old] = Versions;
    expect([now?.Version, failed?.Stable, old?.Stable]).toEqual([2, false, true]);
    expect(now).toMatchObject({
      SubmitTime: old?.SubmitTime,
      TaskGroups: old?.TaskGroups,
      CreateIndex: old?.CreateIndex,
    });
  });

  test("a version that cannot start is rolled back by itself", async ({ nomad }) => {
    const id = nomad.id("cannot");
    const group = { ...noRestart, ...neverRescheduled, Update: { ...update, ...progress, AutoRevert: true } };
    await nomad.submit(mockJob(id, {}, group));
    await nomad.deployment(id, "successful");
    await nomad.submit(mockJob(id, failingAtOnce, group));
    const anew = await nomad.until<Deployment>(
      `/v1/job/${id}/deployment`,
      ({ JobVersion, Status }) => JobVersion === 2 && Status === "successful",
    );
    expect(anew.StatusDescription).toBe("Deployment completed successfully");
    const deployments = await nomad.get<Deployment[]>(`/v1/job/${id}/deployments`);
    expect(deployments.find(({ JobVersion }) => JobVersion === 1)).toMatchObject({
      Status: "failed",
      StatusDescription: "Failed due to unhealthy allocations - rolling back to job version 0",
    });
    const all = await nomad.allocations(id, (now) => now.length === 3);
    expect(brief(all).toSorted()).toEqual([
      "api[0] v0 stop, alloc is being updated due to job update",
      "api[0] v1 stop, alloc is being updated due to job update",
      "api[0] v2 run",
    ]);
  });

  test("there is nothing to go back to where no version is stable", async ({ nomad }) => {
    const id = nomad.id("never");
    const group = { ...noRestart, ...neverRescheduled, Update: { ...update, ...progress, AutoRevert: true } };
    await nomad.submit(mockJob(id, failingAtOnce, group));
    expect((await nomad.deployment(id, "failed")).StatusDescription).toBe(
      "Failed due to unhealthy allocations - no stable job version to auto revert to",
    );
    expect((await nomad.get<Job>(`/v1/job/${id}`)).Version).toBe(0);
  });

  test("while a canary waits, what has to be replaced is placed as the old version", async ({ nomad }) => {
    const { id, deployment } = await canaries(nomad, "older");
    await groupOf(nomad, deployment.ID, one);
    const [old] = (await nomad.allocations(id, () => true)).filter(({ JobVersion }) => JobVersion === 0);
    await nomad.ask("PUT", `/v1/allocation/${old?.ID}/stop`);
    const all = await nomad.allocations(id, (now) => now.length === 4);
    expect(all.at(-1)).toMatchObject({ Name: old?.Name, JobVersion: 0 });
    expect(all.find(({ ID }) => ID === old?.ID)?.NextAllocation).toBe(all.at(-1)?.ID);
  });

  test("health that is set by hand", async ({ nomad }) => {
    const id = nomad.id("manual");
    const group = { Count: 2, Update: { ...update, ...progress, MaxParallel: 2, HealthCheck: "manual" } };
    const running = async () => {
      await nomad.submit(mockJob(id, { run_for: `${1 + versions++}h` }, group));
      const found = await nomad.get<Deployment>(`/v1/job/${id}/deployment`);
      const all = await nomad.allocations(
        id,
        (now) => now.filter((a) => a.JobVersion === found.JobVersion && a.ClientStatus === "running").length === 2,
      );
      return { ID: found.ID, ids: all.filter((a) => a.JobVersion === found.JobVersion).map((a) => a.ID) };
    };
    let versions = 0;
    const first = await running();
    const foreign = "5d1f9d0c-6a54-4b6e-9a0b-6f3b1f0c2a11";
    for (const [body, why] of [
      [{}, "must specify at least one healthy/unhealthy allocation ID"],
      [{ HealthyAllocationIDs: [foreign] }, `unknown alloc "${foreign}"`],
    ] as const) {
      const { status, text } = await act(nomad, "allocation-health", first.ID, body);
      expect([status, text]).toEqual([500, why]);
    }
    const nothing = { DeploymentModifyIndex: 0, EvalCreateIndex: 0, EvalID: "", Index: 0, RevertedJobVersion: null };
    expect(await acted(nomad, "unblock", first.ID)).toEqual(nothing);
    await acted(nomad, "allocation-health", first.ID, { HealthyAllocationIDs: first.ids });
    await nomad.deployment(id, "successful");
    const next = await running();
    const [bad = "", good = ""] = next.ids;
    const { status, text } = await act(nomad, "allocation-health", next.ID, { HealthyAllocationIDs: first.ids });
    expect([status, text]).toEqual([500, `alloc "${first.ids[0]}" is not part of deployment "${next.ID}"`]);
    await acted(nomad, "allocation-health", next.ID, { HealthyAllocationIDs: [good], UnhealthyAllocationIDs: [bad] });
    expect(await nomad.deployment(id, "failed")).toMatchObject({
      StatusDescription: "Failed due to unhealthy allocations",
      TaskGroups: { api: { HealthyAllocs: 1, UnhealthyAllocs: 1 } },
    });
  });

  test("refused: no such deployment, another one in the body, none in the body", async ({ nomad }) => {
    const nowhere = "5d1f9d0c-6a54-4b6e-9a0b-6f3b1f0c2a11";
    const answers = [];
    for (const action of ["promote", "fail", "pause", "unblock", "allocation-health"]) {
      const body = { HealthyAllocationIDs: [nowhere] };
      answers.push(await act(nomad, action, nowhere, body));
      answers.push(await act(nomad, action, nowhere, { ...body, DeploymentID: "" }));
      answers.push(await act(nomad, action, nowhere, { ...body, DeploymentID: "other" }));
      answers.push(await act(nomad, action, "short", body));
      answers.push(await nomad.send("GET", `/v1/deployment/${action}/${nowhere}`));
    }
    expect(answers.map(({ status, text }) => `${status} ${text}`)).toEqual([
      "500 deployment not found",
      "400 DeploymentID must be specified",
      "400 Deployment ID does not match",
      "500 deployment lookup failed: index error: UUID must be 36 characters",
      "405 Invalid method",
      "500 deployment not found",
      "500 deployment not found",
      "500 deployment not found",
      "500 deployment lookup failed: index error: UUID must be 36 characters",
      "405 Invalid method",
      "500 deployment not found",
      "400 DeploymentID must be specified",
      "400 Deployment ID does not match",
      "500 deployment lookup failed: index error: UUID must be 36 characters",
      "405 Invalid method",
      "500 deployment not found",
      "400 DeploymentID must be specified",
      "400 Deployment ID does not match",
      "500 deployment lookup failed: index error: UUID must be 36 characters",
      "405 Invalid method",
      "500 deployment not found",
      "400 DeploymentID must be specified",
      "400 Deployment ID does not match",
      "500 deployment lookup failed: index error: UUID must be 36 characters",
      "405 Invalid method",
    ]);
  });
});
