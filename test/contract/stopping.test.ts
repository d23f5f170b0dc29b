import { expect } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { Deployment } from "../../src/endpoints/deployments.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobChange } from "../../src/endpoints/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { ending, failing, neverRescheduled, noDeployment, noRestart, quickDeployment } from "./support/jobs.ts";

const submission = { Submission: { Source: "# the source\n", Format: "hcl2", Variables: "", VariableFlags: null } };

/** Registers a stopped job as `nomad job start` does: as it is, but not stopped. */
async function start(nomad: Cluster, id: string): Promise<Evaluation> {
  const job = await nomad.get<Job>(`/v1/job/${id}`);
  const body = { Job: { ...job, Stop: false }, EnforceIndex: true, JobModifyIndex: job.JobModifyIndex };
  return await nomad.evaluated((await nomad.ask<JobChange>("POST", `/v1/job/${id}`, { body })).EvalID);
}

contract("stopping and starting", (test) => {
  test("a stopped job is a new version that is stopped, and its allocations end", async ({ nomad }) => {
    const job = nomad.id("stopped");
    await nomad.submit(mockJob(job, {}, quickDeployment), submission);
    await nomad.deployment(job, "successful");
    const evaluation = await nomad.stop(job);
    expect(evaluation).toMatchObject({ TriggeredBy: "job-deregister", Status: "complete" });
    expect(evaluation.PlanAnnotations?.DesiredTGUpdates?.api).toMatchObject({ Stop: 1 });
    const ended = await nomad.allocation(job, "complete");
    expect(ended).toMatchObject({ DesiredStatus: "stop", DesiredDescription: "alloc not needed due to job update" });
    const now = await nomad.until<Job>(`/v1/job/${job}`, ({ Status }) => Status === "dead");
    expect(now).toMatchObject({ Stop: true, Version: 1 });
    const [stub] = await nomad.get<object[]>("/v1/jobs", { prefix: job, filter: "Stop == true" });
    expect(stub).toMatchObject({ ID: job, Stop: true, Status: "dead" });
  });

  test("what is stopped before it ran ends as well", async ({ nomad }) => {
    const job = nomad.id("early");
    await nomad.submit(mockJob(job, {}, { Count: 8, ...noDeployment }));
    await nomad.stop(job);
    const ended = await nomad.allocations(job, (all) => all.every((one) => one.ClientStatus === "complete"));
    expect(ended.map(({ DesiredStatus }) => DesiredStatus)).toEqual(Array(8).fill("stop"));
  });

  test("a job that there is not is stopped with success and without an evaluation", async ({ nomad }) => {
    const change = await nomad.ask<JobChange>("DELETE", `/v1/job/${nomad.id("never")}`);
    expect(change).toMatchObject({ EvalID: "", JobModifyIndex: 0 });
  });

  test("started again it is the next version of the same job, with the same source", async ({ nomad }) => {
    const job = nomad.id("started");
    await nomad.submit(mockJob(job, {}, noDeployment), submission);
    const { CreateIndex } = await nomad.get<Job>(`/v1/job/${job}`);
    await nomad.stop(job);
    await nomad.allocation(job, "complete");
    const { PlanAnnotations } = await start(nomad, job);
    expect(PlanAnnotations?.DesiredTGUpdates?.api).toMatchObject({ Place: 1 });
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({ Version: 2, Stop: false, CreateIndex });
    for (const version of [0, 1, 2])
      expect(await nomad.get(`/v1/job/${job}/submission`, { version })).toMatchObject({ Source: "# the source\n" });
  });

  test("started again a service does not bring back what may not be rescheduled", async ({ nomad }) => {
    const job = nomad.id("dead");
    await nomad.submit(mockJob(job, failing, { ...noRestart, ...noDeployment, ...neverRescheduled }));
    const failed = await nomad.allocation(job, "failed");
    await nomad.stop(job);
    const { PlanAnnotations } = await start(nomad, job);
    expect(PlanAnnotations?.DesiredTGUpdates?.api).toMatchObject({ Ignore: 1, Place: 0 });
    expect((await nomad.allocations(job, () => true)).map(({ ID }) => ID)).toEqual([failed.ID]);
  });

  test("started again a batch job runs again, beside what has ended under the same name", async ({ nomad }) => {
    const job = nomad.id("batch");
    await nomad.submit(mockJob(job, ending, {}, { Type: "batch" }));
    const ended = await nomad.allocation(job, "complete");
    await nomad.stop(job);
    const { PlanAnnotations } = await start(nomad, job);
    expect(PlanAnnotations?.DesiredTGUpdates?.api).toMatchObject({ Place: 1 });
    const [old, again] = await nomad.allocations(
      job,
      (all) => all.length === 2 && all.every((one) => one.ClientStatus === "complete"),
    );
    expect(old?.ID).toBe(ended.ID);
    expect(again).toMatchObject({ Name: ended.Name, JobVersion: 2 });
  });

  test("a purge removes everything but the evaluations at once", async ({ nomad }) => {
    const job = nomad.id("purged");
    await nomad.submit(mockJob(job, {}, quickDeployment), submission);
    const before = await nomad.allocation(job, "running");
    const { EvalID } = await nomad.ask<JobChange>("DELETE", `/v1/job/${job}`, { query: { purge: true } });
    const answers = await Promise.all(
      ["", "/summary", "/scale", "/submission?version=0", "/versions"].map((part) =>
        nomad.send("GET", `/v1/job/${job}${part}`),
      ),
    );
    expect(answers.map(({ status, text }) => `${status} ${text}`)).toEqual([
      "404 job not found",
      "404 job not found",
      "404 job not found",
      "404 job source not found",
      "404 job versions not found",
    ]);
    const filter = `JobID == \`${job}\``;
    expect(await nomad.get<AllocationStub[]>("/v1/allocations", { filter })).toEqual([]);
    expect(await nomad.get<Deployment[]>("/v1/deployments", { filter })).toEqual([]);
    const gone = await nomad.send("GET", `/v1/allocation/${before.ID}`);
    expect([gone.status, gone.text]).toEqual([404, "alloc not found"]);
    await nomad.evaluated(EvalID);
    const purged = `${filter} and TriggeredBy == "job-deregister"`;
    const evaluations = await nomad.get<Evaluation[]>("/v1/evaluations", { filter: purged, per_page: 1 });
    expect(evaluations.map(({ ID }) => ID)).toEqual([EvalID]);
  });

  test("a job of a purged one's id begins anew, with the old one's evaluations beside its own", async ({ nomad }) => {
    const job = nomad.id("again");
    await nomad.submit(mockJob(job, {}, noDeployment));
    await nomad.submit(mockJob(job, { run_for: "2h" }, noDeployment));
    await nomad.stop(job, { purge: true });
    await nomad.submit(mockJob(job, {}, noDeployment));
    const { Version, CreateIndex } = await nomad.get<Job>(`/v1/job/${job}`);
    expect(Version).toBe(0);
    const evaluations = await nomad.get<Evaluation[]>("/v1/evaluations", {
      filter: `JobID == \`${job}\``,
      reverse: true,
    });
    const own = evaluations.filter((each) => each.CreateIndex >= CreateIndex);
    expect(own.map(({ TriggeredBy }) => TriggeredBy)).toEqual(["job-register"]);
    expect(evaluations.length).toBeGreaterThan(own.length);
  });

  test("a periodic job launches no more when it is stopped, and its children live on", async ({ nomad }) => {
    const job = nomad.id("parent");
    const spec = { Type: "batch", Periodic: { Enabled: true, SpecType: "cron", Spec: "0 0 1 1 *" } };
    await nomad.register(mockJob(job, { run_for: "1h" }, {}, spec));
    await nomad.ask<JobChange>("POST", `/v1/job/${job}/periodic/force`);
    const filter = `ParentID == \`${job}\` and Status != "dead"`;
    const query = { prefix: `${job}/`, filter, per_page: 20 };
    const isRunning = (all: { Status: string }[]) => all[0]?.Status === "running";
    const [child] = await nomad.until<{ ID: string; Status: string }[]>("/v1/jobs", isRunning, { query });
    expect((await nomad.ask<JobChange>("DELETE", `/v1/job/${job}`)).EvalID).toBe("");
    await nomad.until<Job>(`/v1/job/${job}`, ({ Stop }) => Stop);
    expect(await nomad.get<object[]>("/v1/jobs", query)).toMatchObject([
      { ID: child?.ID, Status: "running", Stop: false },
    ]);
    expect((await nomad.ask<JobChange>("DELETE", `/v1/job/${job}`, { query: { purge: true } })).EvalID).toBe("");
    expect(await nomad.get<object[]>("/v1/jobs", query)).toMatchObject([{ ID: child?.ID, Status: "running" }]);
  });

  test("stopping disables the scaling policies", async ({ nomad }) => {
    const job = nomad.id("scaled");
    await nomad.submit(mockJob(job, {}, { ...noDeployment, Scaling: { Enabled: true, Min: 1, Max: 5, Policy: {} } }));
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({
      TaskGroups: [{ Scaling: { Enabled: true, Max: 5 } }],
    });
    await nomad.stop(job);
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({ TaskGroups: [{ Scaling: { Enabled: false } }] });
  });
});
