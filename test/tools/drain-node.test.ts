import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const name = `\${node.unique.name}`;
const only = (node: string) => ({ Constraints: [{ LTarget: name, RTarget: node, Operand: "=" }] });
const rather = (node: string) => ({ Affinities: [{ LTarget: name, RTarget: node, Operand: "=", Weight: 100 }] });
const large = { Name: "server", Driver: "mock_driver", Resources: { CPU: 20, MemoryMB: 7_600 } };

/** What a drain treats in each way: on client-3. */
async function populate() {
  await session.register(mockJob("moves", {}, { Count: 3 }, { Spreads: [{ Attribute: name, Weight: 100 }] }));
  await session.register(mockJob("pinned", {}, {}, only("client-3")));
  await session.register(mockJob("works", {}, {}, { Type: "batch", ...only("client-3") }));
  await session.register(mockJob("agent", {}, {}, { Type: "system" }));
  await session.register(mockJob("large", {}, { Tasks: [{ ...large, Config: { run_for: "1h" } }] }));
  await session.register(mockJob("lone", {}, {}, rather("client-3")));
  session.changes();
}

const plain = (text: string) =>
  steady(text)
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<id>")
    .replaceAll(/\b[0-9a-f]{8}\b/g, "<id>")
    .replaceAll(session.demo.address, "<address>")
    .replaceAll(/\b(for|in) (\d+[dhms])+\b/g, "$1 <span>")
    .replaceAll(/ (\d+[dhms])+$/gm, " <age>");
const preview = async (node: string) => await session.call("get_node_status", { node, drain_preview: true });
const drain = async (args: Record<string, unknown> = {}) =>
  await session.call("drain_node", { node: "client-3", ...args });
const sent = () => session.changes().map((change) => change.replace(/[0-9a-f-]{36}/, "<id>"));
const put = "PUT /v1/node/<id>/drain?namespace=default";

interface Stored {
  readonly ID: string;
  readonly SchedulingEligibility: string;
  readonly DrainStrategy: { readonly Deadline: number; readonly IgnoreSystemJobs: boolean } | null;
  readonly LastDrain: { readonly Status: string; readonly Meta: Record<string, string> | null } | null;
}

async function stored(): Promise<Stored> {
  const [node] = await session.nomad<Stored[]>("GET", `/v1/nodes?filter=${encodeURIComponent('Name == "client-3"')}`);
  return await session.nomad<Stored>("GET", `/v1/node/${node?.ID}`);
}

describe("beforehand", () => {
  test("what moves, what has a gap, what finds no place, what is lost for good, what stops last", async () => {
    await populate();
    const before = session.demo.requests.length;
    const { text, isError } = await preview("client-3");
    expect(isError).toBe(false);
    expect(session.demo.requests.length - before).toBeLessThanOrEqual(12);
    expect(text).toMatchInlineSnapshot(`
      "A drain of client-3 (ready) would move 2 allocations of 2 services (1 with a gap), end 2 for which there is no other place, kill 1 of batch work for good and stop 1 of system jobs
      no other place: pinned: its constraint \${node.unique.name} = client-3 is met nowhere else
      no other place: large: each needs 7,600 MB and 20 MHz, and at most 7,520 MB and 3,210 MHz would be free elsewhere (client-2)
      gap: lone: all of it runs here and stops before the next one starts
      killed for good: works: may end by itself until the deadline, and is not run again
      moves without a gap: moves
      stopped last: agent (system)
      Next: drain_node node=client-3 does it"
    `);
    expect(sent()).toEqual([]);
  });

  test("a person is shown the same, and that is what they consent to", async () => {
    await populate();
    const asking = await openSession({ address: session.demo.address, confirm: "ask" });
    onTestFinished(() => asking.close());
    const { text } = await asking.call("drain_node", { node: "client-3", reason: "new disk" });
    expect(plain(text).replace(/confirm=\S+/, "confirm=<code>")).toMatchInlineSnapshot(`
      "Not done yet: drain_node needs the consent of the person.
      Drain client-3: move 2 allocations of 2 services (1 with a gap), end 2 for which there is no other place, kill 1 of batch work for good and stop 1 of system jobs
        node: client-3 (<id>, ready)
        cluster: <address>
        deadline: 1h, then the rest is ended by force
        no other place: pinned: its constraint \${node.unique.name} = client-3 is met nowhere else
        no other place: large: each needs 7,600 MB and 20 MHz, and at most 7,520 MB and 3,210 MHz would be free elsewhere (client-2)
        gap: lone: all of it runs here and stops before the next one starts
        killed for good: works: may end by itself until the deadline, and is not run again
        moves without a gap: moves
        stopped last: agent (system)
      Show this to the person. If they agree, call drain_node again with the same arguments and confirm=<code> (once, within 5 minutes)."
    `);
    expect(sent()).toEqual([]);
  });

  test("that no other node takes work", async () => {
    await session.register(mockJob("lone", {}, {}, rather("client-3")));
    for (const other of ["client-1", "client-2"]) session.demo.setEligibility(other, false);
    expect((await preview("client-3")).text).toMatchInlineSnapshot(`
      "A drain of client-3 (ready) would end 1 for which there is no other place
      no other place: lone: no other node takes work
      Next: drain_node node=client-3 does it"
    `);
  });

  test.each<[string, object, string]>([
    ["its datacenter", { Datacenters: ["dc2"] }, "no other node of its datacenters and pool takes work"],
    [
      "what its nodes are",
      { Constraints: [{ LTarget: `\${meta.rack}`, RTarget: "r2", Operand: "=" }] },
      `no other node meets all of its constraints (\${meta.rack} = r2)`,
    ],
    [
      "nothing that others lack",
      { Constraints: [{ LTarget: `\${attr.kernel.name}`, RTarget: "linux", Operand: "=" }], ...rather("client-3") },
      "",
    ],
  ])("whether there is another place for what asks for %s", async (_, job, why) => {
    await session.register(mockJob("asks", {}, {}, job));
    const { text } = await preview("client-3");
    expect(text).toContain(why === "" ? "gap: asks: " : `no other place: asks: ${why}`);
  });

  test("that of a static port or distinct_hosts each node has one already", async () => {
    const port = { Networks: [{ Mode: "host", ReservedPorts: [{ Label: "http", Value: 18_080 }] }] };
    await session.register(mockJob("ports", {}, { Count: 3, ...port }));
    const apart = { Constraints: [{ Operand: "distinct_hosts", RTarget: "true", LTarget: "" }] };
    await session.register(mockJob("apart", {}, { Count: 3, ...apart }));
    const { text } = await preview("client-3");
    expect(text).toContain("no other place: ports: no other node may have one more of it (static port 18080)");
    expect(text).toContain("no other place: apart: no other node may have one more of it (distinct_hosts)");
  });

  test("that it moves nothing", async () => {
    expect((await preview("client-3")).text).toBe(
      "A drain of client-3 (ready) would move nothing: nothing runs there that it moves",
    );
    session.demo.setNodeStatus("client-3", "down");
    expect((await preview("client-3")).text).toBe(
      "A drain of client-3 (down) would move nothing: Nomad does not reach it",
    );
  });
});

describe("a drain", () => {
  test("is followed until the node is empty, which is later than Nomad calls it complete", async () => {
    await session.register(mockJob("slow", { kill_after: "4s" }, {}, rather("client-3")));
    await session.register(mockJob("agent", { kill_after: "4s" }, {}, { Type: "system", ...only("client-3") }));
    session.changes();
    const { text, isError } = await drain({ reason: "new disk" });
    expect(isError).toBe(false);
    expect(plain(text)).toMatchInlineSnapshot(`
      "client-3 is drained and empty after <span>: 1 moved and 1 of system jobs stopped
      Next: when its maintenance is over, let client-3 take work again: set_node_eligibility node=client-3 eligible=true"
    `);
    expect(sent()).toEqual([put]);
    expect(await stored()).toMatchObject({
      SchedulingEligibility: "ineligible",
      LastDrain: { Status: "complete", Meta: { message: "new disk" } },
    });
    const allocations = await session.nomad<{ NodeName: string; ClientStatus: string }[]>("GET", "/v1/allocations");
    const there = allocations.filter(({ NodeName }) => NodeName === "client-3");
    expect(there.map(({ ClientStatus }) => ClientStatus)).toEqual(["complete", "complete"]);

    expect((await drain()).text).toMatchInlineSnapshot(`
      "client-3 is drained already, and empty. Nothing was changed.
      Next: let client-3 take work again: set_node_eligibility node=client-3 eligible=true"
    `);
    expect(sent()).toEqual([]);
  });

  test("that goes on is told with what is left and why, and another call waits on: it sends nothing", async () => {
    await populate();
    expect(plain((await drain({ reason: "new disk", wait_seconds: 4 })).text)).toMatchInlineSnapshot(`
      "client-3 still drains after <span>: 2 allocations left there (by force in <span>): 2 moved and 2 ended without a new place
      Still there: works: may end by itself until the deadline
      Still there: agent: stops last
      No new place yet: large: memory is short
      No new place yet: pinned: the constraint \${node.unique.name} = client-3 is not met
      Next: drain_node node=client-3 waits on, or force=true ends the rest at once, or when the drain of client-3 is no longer wanted: drain_node node=client-3 cancel=true"
    `);
    expect(sent()).toEqual([put]);
    expect(plain((await drain({ wait_seconds: 2 })).text)).toContain(
      "client-3 still drains after <span>: 2 allocations",
    );
    expect(sent()).toEqual([]);
    expect(plain((await session.call("get_node_status", { node: "client-3" })).text)).toMatchInlineSnapshot(`
      "client-3 (node <id>, datacenter dc2, pool default): draining for <span> (new disk), takes no new work: 1 allocation still to move, by force in <span>
      Has left so far: 2 moved and 2 ended without a new place
      No new place yet: large: memory is short
      No new place yet: pinned: the constraint \${node.unique.name} = client-3 is not met
      Free: 3,960 of 4,000 MHz CPU, 8,160 of 8,192 MB memory; disk 96,000 MB; linux amd64; Nomad 2.0.5
      Drivers: mock_driver and raw_exec healthy
      <age>: Node registered (Cluster)
      <age>: Node drain strategy set (Drain)
      2 allocations running or starting here

      job    allocation  id        namespace  state    since
      agent  api[0]      <id>  default    running  <age>
      works  api[0]      <id>  default    running  <age>

      Next: when the drain of client-3 is no longer wanted: drain_node node=client-3 cancel=true"
    `);
  });

  test("is not followed where it should not be", async () => {
    await populate();
    expect((await drain({ wait_seconds: 0 })).text).toMatchInlineSnapshot(`
      "client-3 drains now; not followed
      Next: get_node_status node=client-3 says how far it is"
    `);
  });

  test("is ended by force, and what was lost is named", async () => {
    await populate();
    await drain({ reason: "new disk", wait_seconds: 3 });
    session.changes();
    expect(plain((await drain({ force: true })).text)).toMatchInlineSnapshot(`
      "client-3 is drained and empty after <span>: 2 moved, 2 ended without a new place, 1 killed for good and 1 of system jobs stopped
      Killed, and not run again unless it is submitted anew: works
      No new place yet: large: memory is short
      No new place yet: pinned: the constraint \${node.unique.name} = client-3 is not met
      Next: when its maintenance is over, let client-3 take work again: set_node_eligibility node=client-3 eligible=true"
    `);
    expect(sent()).toEqual([put]);
    expect(await stored()).toMatchObject({ LastDrain: { Status: "complete", Meta: { message: "new disk" } } });
  });

  test("takes another deadline, and leaves system jobs, where that is asked for", async () => {
    await populate();
    await drain({ deadline: 600, ignore_system_jobs: true, wait_seconds: 0 });
    expect((await stored()).DrainStrategy).toMatchObject({ Deadline: 600e9, IgnoreSystemJobs: true });
    await drain({ deadline: 600, wait_seconds: 0 });
    expect(sent()).toEqual([put]);
    expect((await drain({ deadline: 5, wait_seconds: 0 })).text).toContain("client-3 drains by the new order;");
    expect((await stored()).DrainStrategy).toMatchObject({ Deadline: 5e9, IgnoreSystemJobs: true });
    const { text } = await drain({ wait_seconds: 20 });
    expect(text).toMatch(/^client-3 is drained and empty, but for 1 allocation of system jobs after /);
    const again = await drain({ ignore_system_jobs: true });
    expect(again.text).toContain("client-3 is drained already, and empty.");
    expect(sent()).toEqual([put]);
  });
});

describe("a drain is called off", () => {
  test("the node takes work again, and what has left stays away", async () => {
    await populate();
    await drain({ wait_seconds: 3 });
    session.changes();
    const { text, isError } = await drain({ cancel: true });
    expect(isError).toBe(false);
    expect(plain(text)).toMatchInlineSnapshot(`
      "The drain of client-3 is called off, which ran for <span>; it takes work again
      What has left stays where it is now: nothing moves back by itself"
    `);
    expect(sent()).toEqual([put]);
    expect(await stored()).toMatchObject({ SchedulingEligibility: "eligible", LastDrain: { Status: "canceled" } });
    const again = await drain({ cancel: true });
    expect(again.isError).toBe(true);
    expect(again.text).toMatchInlineSnapshot(
      `"There is no drain of client-3 to call off: it does not drain. Nothing was changed."`,
    );
    expect(sent()).toEqual([]);
  });

  test("by somebody else, while it is followed", async () => {
    await session.register(mockJob("works", {}, {}, { Type: "batch", ...only("client-3") }));
    const { ID } = await stored();
    const { fetch } = globalThis;
    let called = false;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const waits = new URL(input instanceof Request ? input.url : input).searchParams.has("index");
      if (waits && !called) {
        called = true;
        await session.nomad("PUT", `/v1/node/${ID}/drain`, { DrainSpec: null });
      }
      return await fetch(input, init);
    });
    const following = drain({ wait_seconds: 30 });
    expect((await following).text).toBe(
      "client-3 drains no more: somebody has called that off, with 1 allocation still there",
    );
  });
});

describe("refused, and nothing is sent", () => {
  test("a node that is down, and a name that there is not", async () => {
    session.demo.setNodeStatus("client-3", "down");
    const { text, isError } = await drain();
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "client-3 is down: a drain moves nothing from a node that Nomad does not reach. Nothing was changed.
      Next: set_node_eligibility node=client-3 eligible=false keeps work from it when it is back"
    `);
    expect((await drain({ node: "client-9" })).text).toMatch(/^There is no node "client-9"\. .*Nothing was changed\.$/);
    expect(sent()).toEqual([]);
  });
});

describe("what Nomad answers is lost", () => {
  /** Does in place of the answer to the change what `meddle` does, once it has been carried out. */
  function answered(meddle: (init: RequestInit) => void) {
    const { fetch } = globalThis;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (init?.method !== "PUT") return await fetch(input, init);
      const reply = await fetch(input, { ...init, signal: null });
      meddle(init);
      return reply;
    });
  }

  test("it may have happened, is sent once, and is looked at", async () => {
    await session.register(mockJob("works", {}, {}, { Type: "batch", ...only("client-3") }));
    session.changes();
    answered(() => {
      throw new TypeError("fetch failed");
    });
    const { text, isError } = await drain({ reason: "new disk" });
    expect(isError).toBe(true);
    expect(plain(text)).toMatchInlineSnapshot(`
      "PUT /v1/node/<id>/drain may have happened: its answer was lost (fetch failed)
      Looked at since: client-3 is draining for <1s (new disk).
      Next: get_node_status node=client-3 says how it is"
    `);
    expect(sent()).toEqual([put]);
  });

  test("cancelled half-way: it is sent once, and goes on", async () => {
    await session.register(mockJob("works", {}, {}, { Type: "batch", ...only("client-3") }));
    session.changes();
    const host = new AbortController();
    answered(({ signal }) => {
      host.abort();
      signal?.throwIfAborted();
    });
    const called = session.client.callTool({ name: "drain_node", arguments: { node: "client-3" } }, undefined, {
      signal: host.signal,
    });
    await expect(called).rejects.toThrow();
    expect(sent()).toEqual([put]);
    expect((await stored()).LastDrain?.Status).toBe("draining");
    const { text } = await drain({ wait_seconds: 2 });
    expect(text).toMatch(/^client-3 still drains after /);
    expect(sent()).toEqual([]);
  });
});
