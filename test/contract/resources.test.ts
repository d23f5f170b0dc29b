import { expect } from "vitest";
import type { Evaluation } from "../../src/endpoints/evaluations.ts";
import { openSession } from "../support/session.ts";
import { contract } from "./support/contract.ts";
import { nowhere, nowhereText, quickDeployment } from "./support/jobs.ts";

type Read = (uri: string) => Promise<string>;
type Suggest = (uri: string, name: string, value: string, given?: Record<string, string>) => Promise<string[]>;

/** Does `work` as a host on the cluster: reads by address, and asks for suggestions. */
async function asHost(address: string, work: (read: Read, suggest: Suggest) => Promise<void>): Promise<void> {
  const session = await openSession({ address });
  const read: Read = async (uri) => {
    const { contents } = await session.client.readResource({ uri });
    return contents.map((each) => ("text" in each ? each.text : "")).join("\n");
  };
  const suggest: Suggest = async (uri, name, value, given = {}) => {
    const ref = { type: "ref/resource" as const, uri };
    const asked = { ref, argument: { name, value }, context: { arguments: given } };
    return (await session.client.complete(asked)).completion.values;
  };
  await work(read, suggest).finally(() => session.close());
}

contract("resources and completions", (test) => {
  test("a job, its allocation, deployment and node", async ({ nomad }) => {
    const job = await nomad.running("resource", {}, quickDeployment);
    const deployment = await nomad.deployment(job, "successful");
    const allocation = await nomad.allocation(job, "running");
    await asHost(nomad.address, async (read, suggest) => {
      expect(await read(`nomad://default/jobs/default/${job}`)).toContain("running: 1 of 1 healthy");
      expect(await read(`nomad://default/allocations/${allocation.ID}`)).toContain(allocation.ID.slice(0, 8));
      expect(await read(`nomad://default/nodes/${allocation.NodeName}`)).toMatch(
        new RegExp(`^${allocation.NodeName} \\(node [0-9a-f]{8}, [^\\n]*\\): ready, takes work\\n[\\s\\S]*\\n${job} `),
      );
      expect(await read(`nomad://default/deployments/${deployment.ID.slice(0, 8)}`)).toMatch(
        new RegExp(`^deployment [0-9a-f]{8} of ${job} version 0 \\(namespace default\\) succeeded [^\\n]*, begun `),
      );

      expect(await suggest("nomad://{cluster}/jobs/{namespace}/{job_id}", "job_id", job.slice(0, -2))).toEqual([job]);
      const log = "nomad://{cluster}/logs/{namespace}/{job_id}/{group}";
      expect(await suggest(log, "group", "", { job_id: job })).toEqual(["api"]);
      const task = "nomad://{cluster}/logs/{allocation_id}/{task}";
      for (const length of [7, 8, 12]) {
        const found = await suggest(task, "allocation_id", allocation.ID.slice(0, length));
        expect(found, `${length}`).toContain(allocation.ID);
      }
      expect(await suggest(task, "task", "", { allocation_id: allocation.ID })).toEqual(["server"]);
      const node = await suggest("nomad://{cluster}/nodes/{node_id}", "node_id", allocation.NodeName);
      expect(node[0]).toBe(allocation.NodeName);
      const deployments = "nomad://{cluster}/deployments/{deployment_id}";
      expect(await suggest(deployments, "deployment_id", deployment.ID.slice(0, 8))).toEqual([deployment.ID]);
    });
  });

  test("an evaluation that could not place", async ({ nomad }) => {
    const job = nomad.id("resource-blocked");
    const { ID } = await nomad.submit({
      ...{ ID: job, Name: job, Type: "service", Datacenters: ["*"] },
      TaskGroups: [{ Name: "api", ...nowhere, Tasks: [{ Name: "server", Driver: "mock_driver" }] }],
    });
    await asHost(nomad.address, async (read, suggest) => {
      const text = await read(`nomad://default/evaluations/${ID}`);
      expect(text).toMatch(
        /^evaluation [0-9a-f]{8} of \S+ \(namespace default\): complete, 1 not placed; triggered by /,
      );
      expect(text).toContain(nowhereText);
      const evaluation = await nomad.get<Evaluation>(`/v1/evaluation/${ID}`);
      expect(text).toContain(`waits in evaluation ${evaluation.BlockedEval?.slice(0, 8)}`);
      const template = "nomad://{cluster}/evaluations/{evaluation_id}";
      expect(await suggest(template, "evaluation_id", ID.slice(0, 8))).toEqual([ID]);
    });
  });
});
