import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import { contract } from "./support/contract.ts";
import { noDeployment } from "./support/jobs.ts";

interface NodeNow {
  readonly ID: string;
  readonly Name: string;
  readonly SchedulingEligibility: string;
}

contract("set_node_eligibility", (test) => {
  test.sequential("what runs stays, what comes waits until the node is eligible, and a repeat changes nothing", async ({
    nomad,
  }) => {
    const { Datacenters, count } = await nomad.oneNode();
    expect(count).toBe(1);
    const filter = `Datacenter == "${Datacenters[0]}"`;
    const [{ ID, Name } = { ID: "", Name: "" }] = await nomad.get<NodeNow[]>("/v1/nodes", { filter });
    const path = `/v1/node/${ID}`;
    nomad.undo(() => nomad.ask("PUT", `${path}/eligibility`, { body: { Eligibility: "eligible" } }));
    const now = () => nomad.get<NodeNow>(path);
    const staying = await nomad.running("stays", {}, noDeployment, { Datacenters });

    const off = { node: Name, eligible: false };
    expect(await nomad.tell("set_node_eligibility", off)).toMatch(
      new RegExp(
        `^${Name} takes no new allocations; what runs there stays: \\d+ allocations? of \\d+ jobs?\nNo other node of datacenter ${Datacenters[0]} in pool default takes work: what has to be placed there waits\n`,
      ),
    );
    expect((await now()).SchedulingEligibility).toBe("ineligible");
    expect((await nomad.allocation(staying, "running")).DesiredStatus).toBe("run");
    expect(await nomad.tell("set_node_eligibility", off)).toMatch(
      / already; what runs there stays: .*\. Nothing was changed\.\n/,
    );

    const waiting = nomad.id("waits");
    expect((await nomad.submit(mockJob(waiting, {}, noDeployment, { Datacenters }))).BlockedEval).not.toBe("");
    const on = { node: ID.slice(0, 8), eligible: true };
    const told = await nomad.tell("set_node_eligibility", on);
    expect(told).toMatch(
      new RegExp(
        `^${Name} takes new allocations again\nThe scheduler looks again at \\d+ jobs? with work here or on every node\n`,
      ),
    );
    expect(told).toMatch(new RegExp(`\nWaited for a node: .*${waiting}.*; tried again where this one suits\nNext: `));
    expect((await now()).SchedulingEligibility).toBe("eligible");
    await nomad.allocation(waiting, "running");
    expect(await nomad.tell("set_node_eligibility", on)).toBe(
      `${Name} takes new allocations already. Nothing was changed.`,
    );
  });
});
