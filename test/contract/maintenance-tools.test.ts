import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

contract("metadata of nodes, and forgetting nodes", (test) => {
  test("a job that waits for a key is placed once it is set, and goes on when it is removed", async ({ nomad }) => {
    const job_id = nomad.id("keyed");
    const key = job_id.replaceAll("-", "_");
    const Constraints = [{ LTarget: `\${meta.${key}}`, Operand: "=", RTarget: "yes" }];
    await nomad.submit(mockJob(job_id, {}, noDeployment, { Constraints }));
    nomad.undo(() => nomad.call("set_node_meta", { node: "client-2", unset: [key] }));
    const set = await nomad.tell("set_node_meta", { node: "client-2", set: { [key]: "yes" } });
    expect(set).toMatch(
      new RegExp(`^Metadata of client-2: ${key} = yes; the servers know it after .*\nPlaced by it: ${job_id}\\.`),
    );
    const only = await nomad.allocation(job_id, "running");
    expect(await nomad.tell("set_node_meta", { node: "client-2", set: { [key]: "yes" } })).toMatch(
      /so already\. Nothing/,
    );
    expect(await nomad.tell("set_node_meta", { node: "client-2", unset: [key] })).toContain(`${key} removed (was yes)`);
    await nomad.force(job_id, false);
    const [after] = await nomad.allocations(job_id, () => true);
    expect([after?.ID, after?.ClientStatus]).toEqual([only.ID, "running"]);
  });

  test("a node that lives is not forgotten", async ({ nomad }) => {
    const { text, isError } = await nomad.call("purge_node", { node: "client-1" });
    expect([isError, text]).toEqual([
      true,
      expect.stringMatching(/^client-1 is \w+, not down: .* Nothing was changed\./),
    ]);
  });

  test("a service whose allocation runs keeps its registration", async ({ nomad }) => {
    const service = nomad.id("serves");
    const Services = [{ Name: service, Provider: "nomad" }];
    await nomad.running("served", {}, { ...noDeployment, Services });
    await nomad.until<object[]>(`/v1/service/${service}`, (now) => now.length === 1);
    const { text, isError } = await nomad.call("delete_service", { service });
    expect([isError, text]).toEqual([
      true,
      expect.stringMatching(/ is registered by 1 allocation of .* Nothing was changed\./),
    ]);
    expect(await nomad.get<object[]>(`/v1/service/${service}`)).toHaveLength(1);
  });
});
