import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const path = "/v1/client/metadata";
const call = async (args: object) => {
  const { text, isError } = await session.call("set_node_meta", { node: "client-1", ...args });
  return { isError, text: steady(text) };
};
const set = async (args: object) => {
  const { text, isError } = await call(args);
  expect(isError, text).toBe(false);
  return text;
};
const refused = async (args: object) => {
  session.changes();
  const { text, isError } = await call(args);
  expect(isError, text).toBe(true);
  expect(session.changes()).toEqual([]);
  return text;
};
const meta = async () => {
  const nodes = await session.nomad<{ ID: string; Name: string }[]>("GET", "/v1/nodes");
  const id = nodes.find(({ Name }) => Name === "client-1")?.ID;
  return (await session.nomad<{ Meta: Record<string, string> }>("GET", `/v1/node/${id}`)).Meta;
};
const only = (key: string, RTarget: string) => ({
  Constraints: [{ LTarget: `\${meta.${key}}`, Operand: "=", RTarget }],
});

test("one key is set, the others stay, and what waits for it is placed", async () => {
  await session.register(mockJob("shop", {}, {}, only("team", "shop")));
  session.changes();
  expect(await set({ set: { team: "shop" } })).toMatchInlineSnapshot(`
    "Metadata of client-1: team = shop; the servers know it after <span>
    Placed by it: shop. What of them waits for it is placed by itself; what runs stays where it is
    Next: get_job_status job_id=shop shows how it is placed"
  `);
  expect(session.changes()).toHaveLength(1);
  expect(await meta()).toEqual({ rack: "r1", team: "shop" });
  await session.clock.advance(15_000);
  expect((await session.call("get_job_status", { job_id: "shop" })).text).toMatch(/running: 1 of 1 healthy/);
});

test("a key of the client's configuration is hidden, not removed; what runs stays", async () => {
  await session.register(mockJob("racked", {}, only("rack", "r1"), {}));
  expect(await set({ unset: ["rack"] })).toMatchInlineSnapshot(`
    "Metadata of client-1: rack removed (was r1); the servers know it after <span>
    rack stands in the configuration of the client (r1): it is hidden, over restarts, too, until it is set again
    Placed by it: racked. What of them waits for it is placed by itself; what runs stays where it is
    Next: get_job_status job_id=racked shows how it is placed"
  `);
  expect(await meta()).toEqual({});
  expect((await session.call("get_job_status", { job_id: "racked" })).text).toMatch(/running: 1 of 1 healthy/);
  expect(await set({ set: { rack: "r9" }, unset: ["none"] })).toMatchInlineSnapshot(`
    "Metadata of client-1: rack = r9; the servers know it after <span>
    Placed by it: racked. What of them waits for it is placed by itself; what runs stays where it is
    Next: get_job_status job_id=racked shows how it is placed"
  `);
});

test("a repeat changes nothing", async () => {
  session.changes();
  expect(await set({ set: { rack: "r1" }, unset: ["none"] })).toMatchInlineSnapshot(
    `"rack and none of client-1 are so already. Nothing was changed."`,
  );
  expect(session.changes()).toEqual([]);
});

test("where it is not waited for, that is said", async () => {
  expect(await set({ set: { team: "shop" }, wait_seconds: 0 })).toMatchInlineSnapshot(`
    "Metadata of client-1: team = shop; its client has it, and the servers do not know it yet
    Next: get_node_status node=client-1 says whether they know it"
  `);
});

describe("refused before anything is sent", () => {
  test("what can be no key, is both, or is nothing", async () => {
    expect(await refused({ set: { "a b": "x" } })).toMatchInlineSnapshot(
      `""a b" can be no key of metadata: letters, digits, _ and -, in parts between dots. Nothing was changed."`,
    );
    expect(await refused({ set: { a: "x" }, unset: ["a"] })).toMatchInlineSnapshot(
      `"a cannot be set and unset at once. Nothing was changed."`,
    );
    expect(await refused({})).toMatchInlineSnapshot(
      `"Say what is to be changed: set={"key":"value"}, unset=["key"]. Nothing was changed."`,
    );
  });

  test("a node that is down, or that there is not", async () => {
    session.demo.setNodeStatus("client-1", "down");
    expect(await refused({ set: { a: "x" } })).toMatchInlineSnapshot(`
      "client-1 is down: its metadata is kept by its client. Nothing was changed.
      Next: get_node_status node=client-1"
    `);
    expect(await refused({ node: "client-9", set: { a: "x" } })).toMatch(/^There is no node "client-9"/);
  });
});

test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
  between(path, lost);
  session.changes();
  const { text, isError } = await call({ set: { team: "shop" } });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "POST /v1/client/metadata may have happened: its answer was lost (fetch failed)
    Looked at since: its client has it.
    Next: get_node_status node=client-1 says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});
