import { expect } from "vitest";
import { contract } from "./support/contract.ts";

interface NodeNow {
  readonly Name: string;
  readonly Datacenter: string;
}

contract("lists of nodes and deployments", (test) => {
  test("list_nodes: each node with what is free on it, and no row for a filter that nothing fits", async ({
    nomad,
  }) => {
    const nodes = await nomad.get<NodeNow[]>("/v1/nodes");
    const all = await nomad.tell("list_nodes", {});
    expect(all).toMatch(new RegExp(`^${nodes.length} nodes?: `));
    for (const { Name, Datacenter } of nodes) expect(all).toMatch(new RegExp(`^${Name} .*\\b${Datacenter}\\b`, "m"));
    expect(all).toMatch(/^node +state +free MB +free MHz/m);
  });

  test("list_deployments: one that has ended, with how", async ({ nomad }) => {
    const job = await nomad.running("rolled", {}, { Update: { MinHealthyTime: 0, HealthyDeadline: 10_000_000_000 } });
    await nomad.until<{ readonly Status: string }>(
      `/v1/job/${job}/deployment`,
      ({ Status }) => Status === "successful",
    );
    const told = await nomad.tell("list_deployments", { job_id: job });
    expect(told).toMatch(/ succeeded .* 1 of 1 /);
  });
});
