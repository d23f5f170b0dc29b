import { expect } from "vitest";
import type { Allocation } from "../../src/endpoints/allocations.ts";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobSummary } from "../../src/endpoints/jobs.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment, nowhere, quickDeployment } from "./support/jobs.ts";

/** Asks for the next change after the index that the reply before had. */
const after = (nomad: Cluster, path: string, index: number, wait = "30s") =>
  nomad.send("GET", path, { query: { index, wait } });

contract("blocking queries", (test) => {
  test("an object's index is that of its last change, and a query past it waits for the next one", async ({
    nomad,
  }) => {
    const job = nomad.id("single");
    const { ID } = await nomad.submit(mockJob(job, {}, quickDeployment));
    const { ID: allocationId } = await nomad.allocation(job, "running");
    const deployment = await nomad.deployment(job, "successful");
    await nomad.stop(job);
    const ended = await nomad.allocation(job, "complete");
    for (const path of [
      `/v1/job/${job}`,
      `/v1/job/${job}/summary`,
      `/v1/allocation/${ended.ID}`,
      `/v1/evaluation/${ID}`,
      `/v1/deployment/${deployment.ID}`,
    ]) {
      const { index, text } = await nomad.send("GET", path);
      const { ModifyIndex }: { ModifyIndex: number } = JSON.parse(text);
      expect([path, index]).toEqual([path, ModifyIndex]);
    }
    expect(ended.ID).toBe(allocationId);
  });

  test("where nothing changes the wait ends with the same index and the same object", async ({ nomad }) => {
    const job = nomad.id("quiet");
    const { ID, BlockedEval } = await nomad.submit(mockJob(job, {}, nowhere));
    for (const path of [`/v1/job/${job}/summary`, `/v1/evaluation/${ID}`, `/v1/evaluation/${BlockedEval}`]) {
      const before = await nomad.send("GET", path);
      const same = await after(nomad, path, before.index, "500ms");
      expect([same.status, same.index]).toEqual([200, before.index]);
      expect(JSON.parse(same.text)).toEqual(JSON.parse(before.text));
    }
  });

  test("a change of the object wakes the query, with a higher index", async ({ nomad }) => {
    const job = nomad.id("woken");
    await nomad.submit(mockJob(job, {}, noDeployment));
    const running = await nomad.allocation(job, "running");
    const paths = [`/v1/job/${job}`, `/v1/job/${job}/summary`, `/v1/allocation/${running.ID}`];
    // A job takes its last status a moment after its allocation does.
    await nomad.until<Job>(`/v1/job/${job}`, ({ Status }) => Status === "running");
    const before = await Promise.all(paths.map((path) => nomad.send("GET", path)));
    const waiting = paths.map((path, at) => after(nomad, path, before[at]?.index ?? 0));
    await nomad.stop(job);
    for (const [at, changed] of (await Promise.all(waiting)).entries()) {
      expect(changed.status).toBe(200);
      expect(changed.index).toBeGreaterThan(before[at]?.index ?? 0);
    }
    const summary = await nomad.until<JobSummary>(
      `/v1/job/${job}/summary`,
      ({ Summary }) => Summary?.api?.Complete === 1,
    );
    expect(summary.Summary?.api).toMatchObject({ Running: 0, Starting: 0, Complete: 1, Failed: 0, Queued: 0 });
  });

  test("an object that there is not answers with an index as well", async ({ nomad }) => {
    await nomad.register(mockJob(nomad.id("present"), {}, nowhere));
    const missing = await nomad.send("GET", `/v1/job/${nomad.id("missing")}`);
    expect([missing.status, missing.text]).toEqual([404, "job not found"]);
    expect(missing.index).toBeGreaterThan(0);
  });

  test("every reply tells the server's time", async ({ nomad }) => {
    const job = nomad.id("time");
    const { ID } = await nomad.submit(mockJob(job, {}, noDeployment));
    const { headers, text } = await nomad.send("GET", `/v1/evaluation/${ID}`);
    const { CreateTime }: Evaluation = JSON.parse(text);
    const { CreateTime: placed } = await nomad.get<Allocation>(
      `/v1/allocation/${(await nomad.allocation(job, "running")).ID}`,
    );
    const now = Date.parse(headers.get("date") ?? "");
    for (const time of [CreateTime, placed]) expect(Math.abs(now - (time ?? 0) / 1e6)).toBeLessThan(20_000);
  });
});
