import { expect } from "vitest";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobChange } from "../../src/endpoints/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { ending, failing, neverRescheduled, noDeployment, noRestart, quickDeployment } from "./support/jobs.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

contract("registering", (test) => {
  test("a new job is version 0, and its indexes are those of the evaluation", async ({ nomad }) => {
    const job = nomad.id("new");
    const change = await nomad.register(mockJob(job));
    expect(change.EvalID).toMatch(uuid);
    expect(change.JobModifyIndex).toBe(change.EvalCreateIndex);
    const now = await nomad.get<Job>(`/v1/job/${job}`);
    expect(now).toMatchObject({ ID: job, Namespace: "default", Version: 0, Stop: false, ParentID: "" });
    expect(now.JobModifyIndex).toBe(change.JobModifyIndex);
    expect(now.CreateIndex).toBe(change.JobModifyIndex);
    expect(await nomad.evaluated(change.EvalID)).toMatchObject({ TriggeredBy: "job-register", Status: "complete" });
  });

  test("unchanged it is evaluated again and stays the same version", async ({ nomad }) => {
    const job = nomad.id("unchanged");
    await nomad.submit(mockJob(job, {}, quickDeployment));
    await nomad.deployment(job, "successful");
    const before = await nomad.get<Job>(`/v1/job/${job}`);
    const change = await nomad.register(mockJob(job, {}, quickDeployment));
    // How an unchanged job is told from a new version (nomad-observed.md §4).
    expect(change.EvalID).toMatch(uuid);
    expect(change.JobModifyIndex).toBe(before.ModifyIndex);
    expect(change.JobModifyIndex).not.toBe(change.EvalCreateIndex);
    const after = await nomad.get<Job>(`/v1/job/${job}`);
    expect(after).toMatchObject({ Version: 0, JobModifyIndex: before.JobModifyIndex });
    const { PlanAnnotations } = await nomad.evaluated(change.EvalID);
    expect(PlanAnnotations?.DesiredTGUpdates?.api).toMatchObject({ Ignore: 1, Place: 0 });
  });

  test("changed it is the next version, and its JobModifyIndex is the evaluation's", async ({ nomad }) => {
    const job = nomad.id("changed");
    await nomad.submit(mockJob(job, {}, noDeployment));
    const change = await nomad.register(mockJob(job, { run_for: "2h" }, noDeployment));
    expect(change.JobModifyIndex).toBe(change.EvalCreateIndex);
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({ Version: 1, JobModifyIndex: change.JobModifyIndex });
    const { PlanAnnotations } = await nomad.evaluated(change.EvalID);
    expect(PlanAnnotations?.DesiredTGUpdates?.api).toMatchObject({ DestructiveUpdate: 1 });
  });

  test("a job of several regions takes Enterprise, and is sent to the first where this one is not among them", async ({
    nomad,
  }) => {
    const job = nomad.id("regions");
    const [here = ""] = await nomad.get<string[]>("/v1/regions");
    const spec = (...names: string[]) =>
      mockJob(job, {}, {}, { Multiregion: { Strategy: {}, Regions: names.map((Name) => ({ Name, Count: 1 })) } });
    const refused = async (...names: string[]) => {
      const { status, text } = await nomad.send("POST", "/v1/jobs", { body: { Job: spec(...names) } });
      return [status, text.trim()];
    };
    expect(await refused("mars", here)).toEqual([500, "1 error occurred:\n\t* Multiregion jobs are unlicensed."]);
    expect(await refused("mars", "venus")).toEqual([500, "No path to region"]);
    const plan = async (...names: string[]) => {
      const { text, isError } = await nomad.call("plan_job", { job_file: JSON.stringify({ Job: spec(...names) }) });
      expect(isError).toBe(true);
      return text;
    };
    expect(await plan("mars", here)).toMatch(/ Multiregion jobs are unlicensed\. That takes Nomad Enterprise: /);
    expect(await plan("mars", "venus")).toBe(
      `The job file is for the regions mars and venus, and this is region ${here}: there are no such regions, but ${here}. Nothing was submitted.`,
    );
  });

  test("a periodic and a parameterized job have no evaluation", async ({ nomad }) => {
    const periodic = { Periodic: { Enabled: true, SpecType: "cron", Spec: "0 0 1 1 *" } };
    for (const more of [periodic, { ParameterizedJob: {} }]) {
      const job = nomad.id(Object.keys(more).join().toLowerCase());
      const first = await nomad.register(mockJob(job, {}, {}, { Type: "batch", ...more }));
      expect(first).toMatchObject({ EvalID: "", EvalCreateIndex: 0 });
      const { ModifyIndex } = await nomad.get<Job>(`/v1/job/${job}`);
      const again = await nomad.register(mockJob(job, {}, {}, { Type: "batch", ...more }));
      expect(again.EvalID).toBe("");
      expect(again.JobModifyIndex).toBeLessThanOrEqual(ModifyIndex);
      const changed = await nomad.register(mockJob(job, { run_for: "2h" }, {}, { Type: "batch", ...more }));
      expect(changed.JobModifyIndex).toBeGreaterThan(ModifyIndex);
    }
  });

  test("under EnforceIndex says in which way the job is not as it should be", async ({ nomad }) => {
    const job = nomad.id("enforced");
    const register = async (index: number) => {
      const body = { Job: mockJob(job), EnforceIndex: true, JobModifyIndex: index };
      const { status, text } = await nomad.send("POST", "/v1/jobs", { body });
      return `${status} ${text}`;
    };
    expect(await register(7)).toBe("500 Enforcing job modify index 7: job does not exist");
    expect(await register(0)).toMatch(/^200 /);
    const { JobModifyIndex } = await nomad.get<Job>(`/v1/job/${job}`);
    expect(await register(0)).toBe("500 Enforcing job modify index 0: job already exists");
    expect(await register(7)).toBe(
      `500 Enforcing job modify index 7: job exists with conflicting job modify index: ${JobModifyIndex}`,
    );
    expect(await register(JobModifyIndex)).toMatch(/^200 /);
  });

  test("keeps the groups' counts where asked to", async ({ nomad }) => {
    const job = nomad.id("counts");
    await nomad.submit(mockJob(job, {}, { Count: 2, ...noDeployment }));
    await nomad.submit(mockJob(job, { run_for: "2h" }, { Count: 1, ...noDeployment }), { PreserveCounts: true });
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({ Version: 1, TaskGroups: [{ Count: 2 }] });
    await nomad.submit(mockJob(job, { run_for: "2h" }, { Count: 1, ...noDeployment }));
    expect(await nomad.get<Job>(`/v1/job/${job}`)).toMatchObject({ Version: 2, TaskGroups: [{ Count: 1 }] });
  });

  test("keeps the source of each version; without one, that of the version which the body names", async ({ nomad }) => {
    const job = nomad.id("source");
    const source = (text: string) => ({
      Submission: { Source: text, Format: "hcl2", Variables: "count = 1\n", VariableFlags: { image: "x" } },
    });
    const stored = async (version: number) =>
      await nomad.send("GET", `/v1/job/${job}/submission`, { query: { version } });
    await nomad.submit(mockJob(job, {}, noDeployment), source("# one\n"));
    await nomad.submit(mockJob(job, { run_for: "2h" }, noDeployment), source("# two\n"));
    await nomad.submit(mockJob(job, { run_for: "3h" }, noDeployment, { Version: 1 }));
    await nomad.submit(mockJob(job, { run_for: "4h" }, noDeployment));
    await nomad.submit(mockJob(job, { run_for: "5h" }, noDeployment, { Version: 9 }));
    expect(JSON.parse((await stored(0)).text)).toMatchObject({
      Source: "# one\n",
      Format: "hcl2",
      Variables: "count = 1\n",
      VariableFlags: { image: "x" },
    });
    expect(JSON.parse((await stored(1)).text)).toMatchObject({ Source: "# two\n" });
    // So a start that keeps the Version keeps the source (nomad-observed.md §4); 0 is what a body says that names none.
    expect(JSON.parse((await stored(2)).text)).toMatchObject({ Source: "# two\n", Version: 2 });
    expect(JSON.parse((await stored(3)).text)).toMatchObject({ Source: "# one\n", Version: 3 });
    const { status, text } = await stored(4);
    expect([status, text]).toEqual([404, "job source not found"]);
  });

  test("unchanged it does not bring back what may not be rescheduled", async ({ nomad }) => {
    const job = nomad.id("fixed");
    const fixed = mockJob(job, failing, { ...noRestart, ...noDeployment, ...neverRescheduled });
    await nomad.submit(fixed);
    const before = await nomad.allocation(job, "failed");
    const { PlanAnnotations } = await nomad.submit(fixed);
    expect(PlanAnnotations?.DesiredTGUpdates?.api).toMatchObject({ Ignore: 1, Place: 0 });
    expect((await nomad.allocations(job, () => true)).map(({ ID }) => ID)).toEqual([before.ID]);
  });

  test("gives its warnings as a list of points", async ({ nomad }) => {
    const job = nomad.id("warned");
    expect((await nomad.register(mockJob(job))).Warnings).toBe("");
    const group = { Count: 2, Update: { MaxParallel: 3 }, Services: [{ Name: job, Provider: "nomad" }] };
    const { Warnings = "" } = await nomad.register(mockJob(job, {}, group));
    const [head, ...points] = Warnings.split(/\n+\* /);
    expect(head).toBe("2 warnings:");
    expect(points).toEqual([
      expect.stringMatching(
        /^Group "api" has warnings: 1 error occurred:\n\t\* Update max parallel count is greater than/,
      ),
      'group "api" defines services, but neither the group nor any of its tasks have shutdown_delay set',
    ]);
  });

  test("gives the reasons of a refusal as a list of points", async ({ nomad }) => {
    const refusal = async (job: object) => {
      const { status, text } = await nomad.send("POST", "/v1/jobs", { body: { Job: job } });
      return `${status} ${text}`;
    };
    const job = nomad.id("refused");
    expect(await refusal(mockJob(job, {}, {}, { TaskGroups: [] }))).toMatch(
      /^500 1 error occurred:\n\t\* Missing job task groups\n\n$/,
    );
    expect(await refusal(mockJob(job, {}, { Tasks: [] }))).toMatch(
      /^500 1 error occurred:\n\t\* Task group api validation failed: 1 error occurred:\n\t\* Missing tasks for task group\n/,
    );
    expect(await refusal(mockJob(job, {}, {}, { NodePool: "contract-none" }))).toBe(
      `500 1 error occurred:\n\t* job "${job}" is in nonexistent node pool "contract-none"\n\n`,
    );
    await nomad.submit(mockJob(job));
    expect(await refusal(mockJob(job, {}, {}, { Type: "batch" }))).toBe(
      '500 cannot update job from type "service" to "batch"',
    );
  });

  test("a job file is parsed on the server, its mistakes told with line and column", async ({ nomad }) => {
    const parse = (JobHCL: string, Variables = "") =>
      nomad.send("POST", "/v1/jobs/parse", { body: { JobHCL, Variables, Canonicalize: false } });
    const file = `variable "memory" {\n  type = number\n}\n\njob "x" {\n  group "api" {\n    task "server" {\n      driver = "mock_driver"\n      resources {\n        memory = var.memory\n      }\n    }\n  }\n}\n`;
    const good = await parse(file, "memory = 32\n");
    expect(good.status).toBe(200);
    const parsed: Job = JSON.parse(good.text);
    // Without Canonicalize a namespace that the file does not name is told from one that it names (nomad-api.md §3.3).
    expect(parsed).toMatchObject({ ID: "x", Namespace: null, Region: null });
    expect(parsed.TaskGroups?.[0]?.Tasks?.[0]?.Resources).toMatchObject({ MemoryMB: 32, CPU: null });
    // A variable that the file does not declare is ignored.
    expect((await parse(file, "memory = 32\nmemroy = 64\n")).status).toBe(200);
    const unset = await parse(file);
    expect(unset.status).toBe(400);
    expect(unset.text).toMatch(/^Failed to parse job: <nil>: Unset variable "memory"; /);
    const typo = await parse(file.replace("driver", "drivr"), "memory = 32\n");
    expect(typo.text).toMatch(
      /^Failed to parse job: input\.hcl:8,7-12: Unsupported argument; An argument named "drivr" is not expected here/,
    );
    const undeclared = await parse(file.replace("var.memory", "var.memroy"), "memory = 32\n");
    expect(undeclared.text).toMatch(/This object does not have an attribute named "memroy"/);
    const open = await parse('job "x" {\n  group "api" {\n');
    expect([open.status, open.text]).toEqual([
      400,
      expect.stringMatching(/^Failed to parse job: input\.hcl:\d+,\d+-\d+: /),
    ]);
    const mistaken = async (variables: string) => (await parse(file, variables)).text.replaceAll(/; see https.*/g, "");
    expect(await mistaken('memory = "x"\n')).toMatch(
      /^Failed to parse job: input\.hcl:1,10-13: Invalid value for variable; The value for memory is not compatible /,
    );
    expect(await mistaken("memory =\n")).toMatch(
      /^Failed to parse job: unable to parse var content: input\.hcl:1,\d+-/,
    );
  });

  test("a periodic job's next launch is told by a plan, its last one by its children", async ({ nomad }) => {
    const job = nomad.id("nightly");
    const spec = { Type: "batch", Periodic: { Enabled: true, SpecType: "cron", Spec: "0 2 1 1 *", TimeZone: "UTC" } };
    await nomad.register(mockJob(job, ending, {}, spec));
    const stored = await nomad.get<Job>(`/v1/job/${job}`);
    const plan = await nomad.ask<{ NextPeriodicLaunch: string }>("POST", `/v1/job/${job}/plan`, {
      body: { Job: stored, Diff: false },
    });
    expect(plan.NextPeriodicLaunch).toMatch(/^\d{4}-01-01T02:00:00Z$/);
    await nomad.ask<JobChange>("POST", `/v1/job/${job}/periodic/force`);
    const isDead = (all: { Status: string }[]) => all[0]?.Status === "dead";
    const query = { prefix: `${job}/periodic-`, reverse: true, per_page: 1 };
    const [child] = await nomad.until<{ ID: string; ParentID: string; Status: string }[]>("/v1/jobs", isDead, {
      query,
    });
    expect(child).toMatchObject({ ParentID: job, ID: expect.stringMatching(new RegExp(`^${job}/periodic-\\d{10}$`)) });
    const [evaluation] = await nomad.get<Evaluation[]>(`/v1/job/${encodeURIComponent(child?.ID ?? "")}/evaluations`);
    expect(evaluation).toMatchObject({ TriggeredBy: "periodic-job", Status: "complete" });
    const [parent] = await nomad.get<{ JobSummary: object }[]>("/v1/jobs", { prefix: job, filter: 'ParentID == ""' });
    expect(parent?.JobSummary).toMatchObject({ Children: { Pending: 0, Running: 0, Dead: 1 } });
  });
});
