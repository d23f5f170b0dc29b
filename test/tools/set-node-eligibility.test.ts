import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { NodeStub } from "../../src/endpoints/nodes.ts";
import { auditLog } from "../support/audit-log.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { guard } from "../support/guard.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const set = async (node: string, eligible: boolean) => await session.call("set_node_eligibility", { node, eligible });
const nodeOf = async (name: string) => {
  const found = (await session.nomad<NodeStub[]>("GET", "/v1/nodes")).find(({ Name }) => Name === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
};
const change = async (name: string) => `PUT /v1/node/${(await nodeOf(name)).ID}/eligibility?namespace=default`;

/** A job that may run on one node only. */
const pinned = (id: string, node: string) =>
  mockJob(id, {}, {}, { Constraints: [{ LTarget: `\${node.unique.name}`, RTarget: node, Operand: "=" }] });

describe("no new work", () => {
  test("what stays, and how that is moved; a repeat changes nothing", async () => {
    const { text, isError } = await set("client-1", false);
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "client-1 takes no new allocations; what runs there stays: 5 allocations of 3 jobs
      To move that away, too: drain_node node=client-1"
    `);
    expect((await nodeOf("client-1")).SchedulingEligibility).toBe("ineligible");
    expect(session.changes()).toEqual([await change("client-1")]);

    const again = await set("client-1", false);
    expect(again.isError).toBe(false);
    expect(again.text).toMatchInlineSnapshot(`
      "client-1 takes no new allocations already; what runs there stays: 5 allocations of 3 jobs. Nothing was changed.
      To move that away, too: drain_node node=client-1"
    `);
    expect(session.changes()).toEqual([]);
  });

  test("of the last node of its datacenter and pool, found by its id", async () => {
    const { ID } = await nodeOf("client-3");
    await session.register(pinned("once", "client-3"));
    const { text } = await set(ID.slice(0, 8).toUpperCase(), false);
    expect(text).toMatchInlineSnapshot(`
      "client-3 takes no new allocations; what runs there stays: 1 allocation of 1 job
      No other node of datacenter dc2 in pool default takes work: what has to be placed there waits
      To move that away, too: drain_node node=client-3"
    `);
  });

  test("of one that drains: it takes none already", async () => {
    await session.register(pinned("held", "client-2"));
    session.demo.drainNode("client-2");
    session.changes();
    expect((await set("client-2", false)).text).toMatchInlineSnapshot(
      `"client-2 takes no new allocations already; its drain goes on. Nothing was changed."`,
    );
    expect(session.changes()).toEqual([]);
  });
});

describe("new work", () => {
  test("which job waited for it, and that it is placed; a repeat changes nothing", async () => {
    session.demo.setEligibility("client-2", false);
    await session.register(pinned("ledger", "client-2"));
    await session.nomad("DELETE", "/v1/job/ml-train");
    await session.clock.advance(5_000);
    session.changes();
    const { text, isError } = await set("client-2", true);
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "client-2 takes new allocations again
      The scheduler looks again at 3 jobs with work here or on every node
      Waited for a node: ledger; tried again where this one suits
      Next: get_job_status job_id=ledger shows whether it is placed now"
    `);
    expect(session.changes()).toEqual([await change("client-2")]);
    await session.clock.advance(15_000);
    expect((await session.call("get_job_status", { job_id: "ledger" })).text).toContain("running: 1 of 1");

    expect((await set("client-2", true)).text).toMatchInlineSnapshot(
      `"client-2 takes new allocations already. Nothing was changed."`,
    );
    expect(session.changes()).toEqual([]);
  });

  test("the audit log names the evaluations that it brings", async () => {
    const audit = auditLog();
    const audited = await openSession({ address: session.demo.address, auditLog: audit.path });
    onTestFinished(() => audited.close());
    const ids = async () =>
      (await session.nomad<{ ID: string }[]>("GET", "/v1/evaluations?namespace=*")).map(({ ID }) => ID);
    await audited.call("set_node_eligibility", { node: "client-2", eligible: false });
    expect(audit.evaluations()).toEqual([]);
    const before = await ids();
    await audited.call("set_node_eligibility", { node: "client-2", eligible: true });
    const brought = (await ids()).filter((id) => !before.includes(id));
    expect(audit.evaluations()).toHaveLength(3);
    expect(brought).toEqual(expect.arrayContaining([...audit.evaluations()]));
  });

  test("several waited, in other namespaces, too", async () => {
    session.demo.setEligibility("client-2", false);
    await session.register(pinned("ledger", "client-2"));
    await session.register({ ...pinned("books", "client-2"), Namespace: "prod" });
    expect((await set("client-2", true)).text).toMatchInlineSnapshot(`
      "client-2 takes new allocations again
      The scheduler looks again at 3 jobs with work here or on every node
      Waited for a node: ml-train, ledger and books (namespace prod); tried again where this one suits
      Next: find_problems shows which still wait"
    `);
  });

  test("of a node that is down: that it is eligible is not enough", async () => {
    session.demo.setEligibility("client-2", false);
    session.demo.setNodeStatus("client-2", "down");
    expect((await set("client-2", true)).text.split("\n")[0]).toBe(
      "client-2 is eligible again, but takes no allocations while it is down",
    );
  });
});

describe("refused, and nothing is sent", () => {
  test("a node that drains is not made eligible: what ends the drain", async () => {
    await session.register(pinned("held", "client-2"));
    session.demo.drainNode("client-2");
    session.changes();
    const { text, isError } = await set("client-2", true);
    expect(isError).toBe(true);
    expect(text.replace((await nodeOf("client-2")).ID.slice(0, 8), "<id>")).toMatchInlineSnapshot(`
      "client-2 is draining: it can be made eligible once that has ended. Nothing was changed.
      Next: when the drain of client-2 is no longer wanted: drain_node node=client-2 cancel=true, which makes it eligible, too"
    `);
    expect(session.changes()).toEqual([]);
  });

  test("a name that there is not, and the beginning of an id that is too short to be meant", async () => {
    expect((await set("client-9", false)).text).toMatchInlineSnapshot(
      `"There is no node "client-9". Nearest: client-1, client-2 and client-3. Nothing was changed."`,
    );
    const { ID } = await nodeOf("client-1");
    const { text, isError } = await set(ID.slice(0, 5), false);
    expect(isError).toBe(true);
    expect(text).toBe(
      `${ID.slice(0, 5)} begins the id of client-1. Name it by that, or by 8 characters. Nothing was changed.`,
    );
    expect(session.changes()).toEqual([]);
  });
});

describe("what Nomad answers is not taken on trust", () => {
  /** Puts what `meddle` does between the change and the look at it. */
  function between(meddle: (reply: Response) => Promise<Response> | Response) {
    const { fetch } = globalThis;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const reply = await fetch(input, init);
      return init?.method === "PUT" ? await meddle(reply) : reply;
    });
  }

  test("somebody else changed it at the same time", async () => {
    between((reply) => {
      session.demo.setEligibility("client-1", true);
      return reply;
    });
    const { text, isError } = await set("client-1", false);
    expect(isError).toBe(true);
    expect(text).toBe("Nomad took the change, but client-1 is eligible: somebody else has changed it since.");
  });

  test("its answer is lost: it may have happened, and is sent once", async () => {
    between(() => {
      throw new TypeError("fetch failed");
    });
    const { text, isError } = await set("client-1", false);
    expect(isError).toBe(true);
    const { ID } = await nodeOf("client-1");
    expect(text).toContain(`PUT /v1/node/${ID}/eligibility may have happened: its answer was lost`);
    expect(text).toContain(`Look before you repeat it: \`get_node_status node=${ID.slice(0, 8)}\`.`);
    expect(session.changes()).toHaveLength(1);
  });
});

test("without read-job it does the same, and says what it could not see", async () => {
  const watching = guard(["node:read", "node:write"]);
  const off = await watching.watch(() => set("client-1", false));
  const on = await watching.watch(() => set("client-1", true));
  watching.remove();
  expect(off.result.text).toMatchInlineSnapshot(
    `"client-1 takes no new allocations; what runs there stays, and could not be read (GET /v1/allocations failed: 403 Permission denied)"`,
  );
  expect(on.result.text).toMatchInlineSnapshot(`
    "client-1 takes new allocations again
    The scheduler looks again at 3 jobs with work here or on every node"
  `);
});
