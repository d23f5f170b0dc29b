import { expect } from "vitest";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment, rescheduledLater } from "./support/jobs.ts";

interface NodeNow {
  readonly ID: string;
  readonly Name: string;
  readonly Drain: boolean;
  readonly SchedulingEligibility: string;
  readonly LastDrain: { readonly Status: string; readonly Meta: Readonly<Record<string, string>> | null } | null;
}

const second = 1e9;

/** The node that is alone in its datacenter. It takes work again when the test is over. */
async function loneNode(nomad: Cluster) {
  const { Datacenters, count } = await nomad.oneNode();
  expect(count).toBe(1);
  const filter = `Datacenter == "${Datacenters[0]}"`;
  const [{ ID, Name } = { ID: "", Name: "" }] = await nomad.get<NodeNow[]>("/v1/nodes", { filter });
  nomad.undo(() => nomad.ask("PUT", `/v1/node/${ID}/drain`, { body: { MarkEligible: true } }));
  return { name: Name, Datacenters, now: () => nomad.get<NodeNow>(`/v1/node/${ID}`) };
}

const Migrate = { MaxParallel: 1, HealthCheck: "task_states", MinHealthyTime: second, HealthyDeadline: 20 * second };

/** One that is on the node and may go anywhere. */
async function movable(nomad: Cluster, Datacenters: string[], config: object) {
  const id = await nomad.running("movable", config, { ...noDeployment, Migrate }, { Datacenters });
  await nomad.submit(mockJob(id, config, { ...noDeployment, Migrate }));
  return id;
}

contract("drain_node", (test) => {
  test.sequential("says beforehand what it does, and does that until the node is empty", async ({ nomad }) => {
    const { name, Datacenters, now } = await loneNode(nomad);
    const moved = await movable(nomad, Datacenters, { kill_after: "2s" });
    const pinned = await nomad.running("pinned", {}, { ...noDeployment, Migrate }, { Datacenters });
    const batch = await nomad.running("works", {}, rescheduledLater, { Type: "batch", Datacenters });
    const system = await nomad.running("every", { kill_after: "2s" }, noDeployment, { Type: "system", Datacenters });

    const told = await nomad.tell("get_node_status", { node: name, drain_preview: true });
    const lines = told.split("\n");
    const line = (begins: string) => lines.filter((each) => each.startsWith(begins)).join("\n");
    expect(line("no other place: ")).toContain(`${pinned}: no other node of its datacenters and pool takes work`);
    expect(line("gap: ")).toContain(moved);
    expect(line("killed for good: ")).toContain(batch);
    expect(line("stopped last: ")).toContain(system);

    const drained = await nomad.tell("drain_node", { node: name, deadline: 6, reason: "new disk", wait_seconds: 40 });
    expect(drained).toMatch(new RegExp(`^${name} is drained and empty after `));
    expect(drained).toMatch(new RegExp(`^Killed, and not run again unless it is submitted anew: .*${batch}`, "m"));
    expect(drained).toMatch(new RegExp(`^No new place yet: .*${pinned}`, "m"));
    expect(await now()).toMatchObject({
      Drain: false,
      SchedulingEligibility: "ineligible",
      LastDrain: { Status: "complete", Meta: { message: "new disk" } },
    });
    for (const job of [pinned, batch, system]) {
      expect((await nomad.allocations(job, () => true)).map(({ ClientStatus }) => ClientStatus)).toEqual(["complete"]);
    }
    const ends = (await nomad.allocations(moved, () => true)).map(({ ClientStatus }) => ClientStatus);
    expect(ends.filter((status) => status === "complete")).toHaveLength(1);
    expect(ends).toHaveLength(2);
    expect(await nomad.tell("drain_node", { node: name })).toContain(
      `${name} is drained already, and empty. Nothing was changed.`,
    );
    expect(await nomad.tell("list_nodes", {})).toMatch(new RegExp(`^${name} +drained .*\\(new disk\\)`, "m"));
  });

  test.sequential("goes on where a call ended, and is called off", async ({ nomad }) => {
    const { name, Datacenters, now } = await loneNode(nomad);
    const batch = await nomad.running("holds", {}, rescheduledLater, { Type: "batch", Datacenters });
    const first = await nomad.tell("drain_node", { node: name, deadline: 0, wait_seconds: 3 });
    expect(first).toMatch(
      new RegExp(`^${name} still drains after \\S+: \\d+ allocations? left there \\(no deadline\\)`),
    );
    expect(first).toMatch(new RegExp(`^Still there: .*${batch}.*: may end by itself until the deadline`, "m"));
    expect(await nomad.tell("drain_node", { node: name, wait_seconds: 2 })).toContain(`${name} still drains after`);
    expect(await nomad.tell("get_node_status", { node: name })).toMatch(/: draining/);
    const off = await nomad.tell("drain_node", { node: name, cancel: true });
    expect(off).toMatch(new RegExp(`^The drain of ${name} is called off, .*; it takes work again\n`));
    expect(await now()).toMatchObject({ Drain: false, SchedulingEligibility: "eligible" });
    const { text, isError } = await nomad.call("drain_node", { node: name, cancel: true });
    expect([isError, text]).toEqual([
      true,
      `There is no drain of ${name} to call off: it does not drain. Nothing was changed.`,
    ]);
  });

  test.sequential("ends everything at once by force", async ({ nomad }) => {
    const { name, Datacenters } = await loneNode(nomad);
    const batch = await nomad.running("forced", {}, rescheduledLater, { Type: "batch", Datacenters });
    await nomad.tell("drain_node", { node: name, wait_seconds: 0 });
    const ended = await nomad.tell("drain_node", { node: name, force: true, wait_seconds: 30 });
    expect(ended).toMatch(new RegExp(`^${name} is drained and empty after `));
    expect(ended).toContain(batch);
  });

  test.sequential("has the servers judge the constraints of what would leave", async ({ nomad }) => {
    const { name, Datacenters } = await loneNode(nomad);
    const everywhere = [
      { LTarget: `\${attr.kernel.name}`, RTarget: "linux", Operand: "=" },
      { LTarget: `\${attr.kernel.name}`, RTarget: "win.*", Operand: "!=" },
      { LTarget: `\${attr.kernel.name}`, RTarget: "^lin", Operand: "regexp" },
      { LTarget: `\${attr.kernel.name}`, RTarget: "", Operand: "is_set" },
      { LTarget: `\${meta.of_nobody}`, RTarget: "", Operand: "is_not_set" },
    ];
    const here = [...everywhere, { LTarget: `\${node.unique.name}`, RTarget: `^${name}$`, Operand: "regexp" }];
    const group = { ...noDeployment, Migrate };
    const free = await nomad.running("free", {}, group, { Datacenters, Constraints: everywhere });
    await nomad.submit(mockJob(free, {}, group, { Constraints: everywhere }));
    const bound = await nomad.running("bound", {}, group, { Constraints: here });
    const told = await nomad.tell("get_node_status", { node: name, drain_preview: true });
    expect(told).toMatch(new RegExp(`^gap: .*${free}`, "m"));
    expect(told).toMatch(new RegExp(`^no other place: ${bound}: no other node meets all of its constraints \\(`, "m"));
  });
});
