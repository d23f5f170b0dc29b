import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { openDoor } from "../support/door.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment, quickDeployment } from "./support/jobs.ts";

/** Calls a tool through a door that counts the requests which go to Nomad. */
async function counted(nomad: Cluster, tool: string, args: Record<string, unknown>) {
  const door = await openDoor(nomad.address);
  try {
    return { ...(await door.session.call(tool, args)), requests: door.requests };
  } finally {
    await door.close();
  }
}

const file = (job: object) => ({ job_file: JSON.stringify({ Job: job }) });

/** What is followed is waited for by blocking queries, and the whole job is looked at only on cause. */
contract("what a call costs", (test) => {
  test("following a batch job that runs for a while", async ({ nomad }) => {
    const job = nomad.id("batch");
    const { text, requests } = await counted(
      nomad,
      "submit_job_file",
      file(mockJob(job, { run_for: "6s" }, {}, { Type: "batch" })),
    );
    expect(text).toMatch(/complete: 1 of 1 finished/);
    expect(requests.length).toBeLessThan(60);
  });

  test("following a deployment", async ({ nomad }) => {
    const job = nomad.id("deployment");
    const { text, requests } = await counted(
      nomad,
      "submit_job_file",
      file(mockJob(job, {}, { Count: 3, ...quickDeployment })),
    );
    expect(text).toMatch(/running: 3 of 3 healthy/);
    expect(requests.length).toBeLessThan(60);
  });

  test("a page of jobs is two requests, a job's status one round and its evidence", async ({ nomad }) => {
    const job = nomad.id("status");
    await nomad.submit(mockJob(job, {}, noDeployment));
    await nomad.allocation(job, "running");
    expect((await counted(nomad, "list_nomad_jobs", { prefix: job })).requests).toEqual([
      "GET /v1/jobs",
      "POST /v1/jobs/statuses",
    ]);
    expect((await counted(nomad, "get_job_status", { job_id: job })).requests.length).toBeLessThanOrEqual(8);
  });
});
