import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { openSession } from "../support/session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment, quickDeployment } from "./support/jobs.ts";

/** Calls a tool through a door that counts the requests which go to Nomad. */
async function counted(nomad: Cluster, tool: string, args: Record<string, unknown>) {
  const requests: string[] = [];
  const { hostname, port } = new URL(nomad.address);
  const door = createServer((asked, answer) => {
    requests.push(`${asked.method} ${asked.url?.split("?")[0]}`);
    const { method, url: path, headers } = asked;
    const onward = request({ hostname, port, method, path, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    asked.pipe(onward);
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const { port: here } = door.address() as AddressInfo;
  const session = await openSession({ address: `http://127.0.0.1:${here}` });
  try {
    return { ...(await session.call(tool, args)), requests };
  } finally {
    await session.close();
    door.closeAllConnections();
    door.close();
  }
}

const file = (job: object) => ({ job_file: JSON.stringify({ Job: job }) });

/** DESIGN §5: what is followed is waited for by blocking queries, and the whole job is looked at only on cause. */
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

  test("a page of jobs is one request, a job's status one round and its evidence", async ({ nomad }) => {
    const job = nomad.id("status");
    await nomad.submit(mockJob(job, {}, noDeployment));
    await nomad.allocation(job, "running");
    expect((await counted(nomad, "list_nomad_jobs", { prefix: job })).requests).toEqual(["GET /v1/jobs"]);
    expect((await counted(nomad, "get_job_status", { job_id: job })).requests.length).toBeLessThanOrEqual(8);
  });
});
