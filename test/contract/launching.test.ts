import { expect } from "vitest";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobDispatch, JobStub } from "../../src/endpoints/jobs.ts";
import { failing, parameterized, periodic } from "../support/parents.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";

const dispatchPath = (job: string) => `/v1/job/${job}/dispatch`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const jobPath = (id: string) => `/v1/job/${encodeURIComponent(id)}`;

/** The children of a job, oldest first. */
async function children(nomad: Cluster, job: string): Promise<JobStub[]> {
  return await nomad.get<JobStub[]>("/v1/jobs", { prefix: `${job}/` });
}

contract("dispatching", (test) => {
  const block = { Payload: "optional", MetaRequired: ["image"], MetaOptional: ["size"] };

  test("makes a child that is scheduled like any other job, and keeps its block", async ({ nomad }) => {
    const job = nomad.id("dispatch");
    await nomad.register({ ...parameterized(job, block), Meta: { team: "shop" } });
    const body = { Meta: { image: "7" }, Payload: base64("hello") };
    const made = await nomad.ask<JobDispatch & Record<string, unknown>>("POST", dispatchPath(job), { body });
    expect(Object.keys(made).sort()).toEqual([
      "DispatchedJobID",
      "EvalCreateIndex",
      "EvalID",
      "Index",
      "JobCreateIndex",
    ]);
    expect(made.DispatchedJobID).toMatch(new RegExp(`^${job}/dispatch-\\d{10}-[0-9a-f]{8}$`));
    expect(await nomad.evaluated(made.EvalID)).toMatchObject({
      JobID: made.DispatchedJobID,
      TriggeredBy: "job-register",
      Status: "complete",
    });
    const child = await nomad.until<Job & Record<string, unknown>>(
      jobPath(made.DispatchedJobID),
      ({ Status }) => Status === "dead",
    );
    expect(child).toMatchObject({
      ParentID: job,
      Dispatched: true,
      Payload: base64("hello"),
      Meta: { team: "shop", image: "7" },
      ParameterizedJob: block,
      Name: made.DispatchedJobID,
    });
    const [stub] = await children(nomad, job);
    expect(stub).toMatchObject({ ID: made.DispatchedJobID, ParentID: job, ParameterizedJob: false, Status: "dead" });
    const { Children } = await nomad.get<{ Children: object }>(`/v1/job/${job}/summary`);
    expect(Children).toEqual({ Pending: 0, Running: 0, Dead: 1 });
  });

  test("with a token makes one child, which is found by it", async ({ nomad }) => {
    const job = nomad.id("token");
    await nomad.register(parameterized(job, {}));
    const query = { idempotency_token: `${job}-1` };
    const send = () => nomad.ask<JobDispatch>("POST", dispatchPath(job), { query, body: {} });
    const first = await send();
    const again = await send();
    expect([again.DispatchedJobID, again.EvalID]).toEqual([first.DispatchedJobID, ""]);
    const found = await nomad.get<JobStub[]>("/v1/jobs", { filter: `DispatchIdempotencyToken == "${job}-1"` });
    expect(found.map(({ ID }) => ID)).toEqual([first.DispatchedJobID]);
    await nomad.ask("POST", dispatchPath(job), { query: { idempotency_token: `${job}-2` }, body: {} });
    expect(await children(nomad, job)).toHaveLength(2);
  });

  test("refuses what the job does not take", async ({ nomad }) => {
    const job = nomad.id("refuse");
    await nomad.register(parameterized(job, block));
    const needs = nomad.id("needs");
    await nomad.register(parameterized(needs, { Payload: "required" }));
    const none = nomad.id("none");
    await nomad.register(parameterized(none, { Payload: "forbidden" }));
    const image = { Meta: { image: "7" } };
    for (const [id, body, status, words] of [
      [job, {}, 500, "Dispatch did not provide required meta keys: [image]"],
      [job, { Meta: { colour: "red" } }, 500, "Dispatch request included unpermitted metadata keys: [colour]"],
      [needs, {}, 500, "Payload is not provided but required by parameterized job"],
      [none, { Payload: "eA==" }, 500, "Payload provided but forbidden by parameterized job"],
      [job, { ...image, Payload: base64("x".repeat(16_385)) }, 500, "Payload exceeds maximum size; 16385 > 16384"],
      [job, { ...image, Payload: "%%%" }, 400, "illegal base64 data at input byte 0"],
      [job, { JobID: "other" }, 400, "Job ID does not match"],
      [nomad.id("no"), {}, 500, "parameterized job not found"],
    ] as const) {
      const { status: got, text } = await nomad.send("POST", dispatchPath(id), { body });
      expect([got, text]).toEqual([status, words]);
    }
    expect((await nomad.send("POST", dispatchPath(job))).text).toBe("Request body is empty");
    await nomad.ask("DELETE", `/v1/job/${job}`);
    expect((await nomad.send("POST", dispatchPath(job), { body: image })).text).toBe(
      `Specified job "${job}" is stopped`,
    );
    const plain = await nomad.running("plain");
    expect((await nomad.send("POST", dispatchPath(plain), { body: {} })).text).toBe(
      `Specified job "${plain}" is not a parameterized job`,
    );
  });

  test("a child cannot be registered again", async ({ nomad }) => {
    const job = nomad.id("again");
    await nomad.register(parameterized(job, {}));
    for (const [body, words] of [
      [{}, "cannot update non-parameterized job to being parameterized"],
      [{ Payload: "eA==" }, "job can't be submitted with a payload, only dispatched"],
    ] as const) {
      const made = await nomad.ask<JobDispatch>("POST", dispatchPath(job), { body });
      const child = await nomad.get<object>(jobPath(made.DispatchedJobID));
      const { status, text } = await nomad.send("POST", "/v1/jobs", { body: { Job: child } });
      expect([status, text]).toEqual([500, expect.stringContaining(words)]);
    }
  });
});

contract("launching a periodic job", (test) => {
  test("makes a child though another one runs and overlap is prohibited", async ({ nomad }) => {
    const job = nomad.id("periodic");
    await nomad.register(periodic(job, { ProhibitOverlap: true }, { run_for: "1h" }));
    const force = () => nomad.ask<{ EvalID: string }>("PUT", `/v1/job/${job}/periodic/force`);
    const { EvalID } = await force();
    const { JobID } = await nomad.get<Evaluation>(`/v1/evaluation/${EvalID}`);
    expect(JobID).toMatch(new RegExp(`^${job}/periodic-\\d{10}$`));
    const child = await nomad.until<Job>(jobPath(JobID), ({ Status }) => Status === "running");
    expect(child).toMatchObject({ ParentID: job, Periodic: null, Dispatched: false });
    // A second launch in the same second would be the same child.
    await nomad.until<Job>(jobPath(JobID), () => false, { seconds: 2 }).catch(() => undefined);
    await force();
    expect(await children(nomad, job)).toHaveLength(2);
  });

  test("is refused where it is disabled or stopped", async ({ nomad }) => {
    const off = nomad.id("off");
    await nomad.register(periodic(off, { Enabled: false }));
    const gone = nomad.id("gone");
    await nomad.register(periodic(gone));
    await nomad.ask("DELETE", `/v1/job/${gone}`);
    for (const job of [off, gone]) {
      const { status, text } = await nomad.send("PUT", `/v1/job/${job}/periodic/force`);
      expect([status, text]).toEqual([
        500,
        `force launch for job "${job}" failed: can't force run non-tracked job "${job}" (default)`,
      ]);
    }
  });

  test("a child that is registered again is no child any more", async ({ nomad }) => {
    const job = nomad.id("orphan");
    await nomad.register(periodic(job));
    const { EvalID } = await nomad.ask<{ EvalID: string }>("PUT", `/v1/job/${job}/periodic/force`);
    const { JobID } = await nomad.get<Evaluation>(`/v1/evaluation/${EvalID}`);
    await nomad.register(await nomad.get<object>(jobPath(JobID)));
    expect((await nomad.get<Job>(jobPath(JobID))).ParentID).toBe("");
  });
});

contract("the tools that launch", (test) => {
  test("dispatch_job: to its end, and why it failed", async ({ nomad }) => {
    const job_id = nomad.id("tool-dispatch");
    await nomad.register(parameterized(job_id, { MetaRequired: ["image"] }));
    const answer = await nomad.tell("dispatch_job", { job_id, payload: "x", meta: { image: "7" } });
    expect(answer).toMatch(/dispatched \(namespace default\) as \S+\/dispatch-\S+; complete: 1 of 1 finished/);
    const bad = nomad.id("tool-fails");
    await nomad.register(parameterized(bad, {}, failing));
    expect(await nomad.tell("dispatch_job", { job_id: bad })).toMatch(
      /; failed: 0 of 1 finished[\s\S]*exits with code 3[\s\S]*\| FATAL: no such order[\s\S]*dispatch_job job_id=/,
    );
  });

  test("force_periodic_job: to its end, and when the next one is", async ({ nomad }) => {
    const job_id = nomad.id("tool-periodic");
    await nomad.register(periodic(job_id));
    expect(await nomad.tell("force_periodic_job", { job_id })).toMatch(
      /launched \(namespace default\) as \S+\/periodic-\d+; complete: 1 of 1 finished[\s\S]*\nIts schedule goes on: next launch in /,
    );
  });
});
