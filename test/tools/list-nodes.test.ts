import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { guard } from "../support/guard.ts";
import { serveRecorded } from "../support/recorded-server.ts";
import { type RecordedState, recordedState } from "../support/recorded-state.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const list = async (args: Record<string, unknown> = {}) => await session.call("list_nodes", args);

async function idOf(name: string): Promise<string> {
  const filter = encodeURIComponent(`Name == "${name}"`);
  const [node] = await session.nomad<{ ID: string }[]>("GET", `/v1/nodes?filter=${filter}`);
  return node?.ID ?? "";
}

/** Asks about what was recorded. */
async function recordedList(state: RecordedState, args: Record<string, unknown> = {}) {
  const server = await serveRecorded(state);
  const over = await openSession({ address: server.address });
  onTestFinished(async () => {
    await over.close();
    server.close();
  });
  return await over.call("list_nodes", args);
}

describe("which nodes take work", () => {
  test("and what is free on each, in three requests", async () => {
    const before = session.demo.requests.length;
    const { text, isError } = await list();
    expect(isError).toBe(false);
    expect(session.demo.requests.slice(before)).toHaveLength(3);
    expect(text).toMatchInlineSnapshot(`
      "3 nodes: all take work, 22,912 MB memory and 10,100 MHz CPU free there

      node      state  free MB         free MHz        allocations  datacenter  pool
      client-1  ready  7,168 of 8,192  2,850 of 4,000  5            dc1         default
      client-2  ready  7,552 of 8,192  3,250 of 4,000  3            dc1         default
      client-3  ready  8,192 of 8,192  4,000 of 4,000  0            dc2         default

      Drivers where work is taken: mock_driver and raw_exec on all, docker on 2 of 3"
    `);
  });

  test("why others do not", async () => {
    await session.nomad("PUT", `/v1/node/${await idOf("client-2")}/drain`, {
      DrainSpec: { Deadline: 3600e9 },
      Meta: { message: "kernel update" },
    });
    session.demo.setNodeStatus("client-3", "down");
    await session.clock.advance(180_000);
    expect((await list()).text).toMatchInlineSnapshot(`
      "3 nodes: 1 takes work, 6,528 MB memory and 2,100 MHz CPU free there

      node      state                           free MB         free MHz        allocations  datacenter  pool
      client-3  down                            ? of 8,192      ? of 4,000      ?            dc2         default
      client-2  drained 2m ago (kernel update)  8,192 of 8,192  4,000 of 4,000  0            dc1         default
      client-1  ready                           6,528 of 8,192  2,100 of 4,000  8            dc1         default

      Drivers where work is taken: docker, mock_driver and raw_exec on all

      Next: get_node_status node=client-3 says more of it"
    `);
    expect((await list({ only_trouble: true })).text).toMatchInlineSnapshot(`
      "2 nodes in trouble: none takes work

      node      state                           free MB         free MHz        allocations  datacenter  pool
      client-3  down                            ? of 8,192      ? of 4,000      ?            dc2         default
      client-2  drained 2m ago (kernel update)  8,192 of 8,192  4,000 of 4,000  0            dc1         default

      Next: get_node_status node=client-3 says more of it"
    `);
  });

  test("a drain that goes on: since when, and why", async () => {
    const only = [{ LTarget: `\${node.unique.name}`, RTarget: "client-3", Operand: "=" }];
    await session.register(mockJob("long", {}, {}, { Type: "batch", Constraints: only }));
    await session.nomad("PUT", `/v1/node/${await idOf("client-3")}/drain`, {
      DrainSpec: { Deadline: 3600e9 },
      Meta: { message: "new disk" },
    });
    await session.clock.advance(180_000);
    expect((await list()).text).toContain("\nclient-3  draining for 3m (new disk)  ");
  });

  test("a driver that does not work is trouble, too", async () => {
    const broken = { docker: { Detected: true, Healthy: false, HealthDescription: "Failed to connect" } };
    const state = recordedState("web");
    for (const node of state.nodes) Object.assign(node, { Drivers: broken });
    const { text } = await recordedList(state, { only_trouble: true });
    expect(text).toMatch(/^1 node in trouble: 1 takes work, /);
    expect(text).toContain("ready, docker unhealthy");
  });
});

describe("what is free", () => {
  test("is less by what holds room and does not run yet", async () => {
    await session.register(mockJob("waits", { start_block_for: "1h" }, { Count: 2 }), 1);
    expect((await list()).text).toMatch(/^3 nodes: all take work, 22,880 MB memory and 10,060 MHz CPU free there\n/);
  });

  test("is less by what the client keeps for itself", async () => {
    const state = recordedState("web");
    state.allocations = [];
    for (const node of state.nodes) {
      Object.assign(node, { ReservedResources: { Cpu: { CpuShares: 500 }, Memory: { MemoryMB: 1_024 } } });
    }
    const { text } = await recordedList(state);
    expect(text).toMatch(/^1 node: 1 takes work, 7,168 MB memory and 3,500 MHz CPU free there\n/);
    expect(text).toContain("  7,168 of 7,168  3,500 of 3,500  0 ");
  });

  test("is not known without read-job, which the answer says", async () => {
    const watching = guard(["node:read"]);
    const { text, isError } = (await watching.watch(() => list())).result;
    watching.remove();
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "3 nodes: all take work

      node      state  free MB     free MHz    allocations  datacenter  pool
      client-1  ready  ? of 8,192  ? of 4,000  ?            dc1         default
      client-2  ready  ? of 8,192  ? of 4,000  ?            dc1         default
      client-3  ready  ? of 8,192  ? of 4,000  ?            dc2         default

      Drivers where work is taken: mock_driver and raw_exec on all, docker on 2 of 3
      What is free is not known: what runs there could not be read (the token needs read-job)."
    `);
  });

  test("may be less where the session sees some namespaces only", async () => {
    const some = await openSession({ address: session.demo.address, namespaces: ["prod"], namespace: "prod" });
    onTestFinished(() => some.close());
    const { text } = await some.call("list_nodes");
    expect(text).toContain("\nFree is what the allocations leave that this session may see: others may take room, too");
  });
});

describe("which are listed", () => {
  test("page by page", async () => {
    const names = new Set<string>();
    let cursor: string | undefined;
    for (let page = 0; page < 3; page++) {
      const { text } = await list({ limit: 1, ...(cursor !== undefined && { cursor }) });
      for (const [name] of text.matchAll(/client-\d(?= {2})/g)) names.add(name);
      cursor = /cursor=(\S+)/.exec(text)?.[1];
      expect(cursor !== undefined).toBe(page < 2);
    }
    expect([...names].toSorted()).toEqual(["client-1", "client-2", "client-3"]);
  });

  test("by an expression; one that could look into what is hidden is refused", async () => {
    expect((await list({ filter: 'Datacenter == "dc2"' })).text).toMatch(/^1 node: 1 takes work, /);
    expect((await list({ filter: 'Datacenter == "dc2"', only_trouble: true })).text).toBe(
      "No node that fits is in trouble: all take work with the drivers that they have.",
    );
    expect((await list({ filter: 'NodePool == "gpu"' })).text).toBe("No node fits the filter.");
    expect((await list({ filter: 'Meta.rack == "r1"' })).text).toBe(
      "A filter may not look at Meta.rack: by that, values which are hidden in answers could be found out. It may name ID, Name, Datacenter, NodePool, NodeClass, Status and SchedulingEligibility.",
    );
  });

  test("none in trouble", async () => {
    expect((await list({ only_trouble: true })).text).toBe(
      "No node is in trouble: all take work with the drivers that they have.",
    );
  });
});
