import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { complaint } from "../../src/mcp/complaint.ts";
import { createCodes } from "../../src/mcp/consent-codes.ts";
import { Front } from "../../src/mcp/front.ts";
import { createSession } from "../../src/session.ts";
import { openStart } from "../../src/start.ts";
import { version } from "../../src/version.ts";
import { asking, type ModernReply, metaOf } from "../support/modern.ts";
import { settingsWith } from "../support/session.ts";

// Protocol revision 2026-07-28 over a line of messages, as on stdio.

async function line({ now = Date.now }: { readonly now?: () => number } = {}) {
  const clock = virtualClock();
  const demo = await startDemoCluster({ clock, seed: 1 });
  const start = await openStart(settingsWith({ address: demo.address, confirm: "ask" }), () => {});
  let loads = 0;
  const front = new Front(start.welcome, async () => {
    loads++;
    const { newServer, answer } = createSession(start, { warn() {}, codes: createCodes({ now }) });
    return { connect: (transport) => newServer().connect(transport), complaint, answer };
  });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const seen: JSONRPCMessage[] = [];
  const waiting = new Map<unknown, (message: ModernReply) => void>();
  ours.onmessage = (message) => {
    seen.push(message);
    if ("id" in message && !("method" in message)) waiting.get(message.id)?.(message as ModernReply);
  };
  await ours.start();
  await front.open(theirs);
  onTestFinished(async () => {
    await front.close();
    await start.release();
    await demo.stop();
  });
  let id = 0;
  const send = (method: string, params: Record<string, unknown>): { id: number; reply: Promise<ModernReply> } => {
    const own = ++id;
    const reply = new Promise<ModernReply>((resolve) => waiting.set(own, resolve));
    void ours.send({ jsonrpc: "2.0", id: own, method, params });
    return { id: own, reply };
  };
  return {
    ...{ clock, demo, seen, send },
    loads: () => loads,
    tell: (method: string, params: Record<string, unknown>) => ours.send({ jsonrpc: "2.0", method, params }),
    /** Asks as a client of the revision does. */
    ask: (method: string, params: Record<string, unknown> = {}, said = {}) =>
      send(method, { ...params, _meta: metaOf(said) }).reply,
    /** Asks as a client of a session does. */
    askInSession: (method: string, params: Record<string, unknown> = {}) => send(method, params).reply,
  };
}

const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "old", version: "1" } };
const serverInfo = {
  "io.modelcontextprotocol/serverInfo": { name: "nomad-mcp", title: "Nomad", version },
};

/** The same without what a moment later may be older. */
const ageless = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(/\b(\d+[dhms])+\b/g, "<age>"));

describe("what is answered is what a session is answered", () => {
  test.each([
    ["tools/list", {}, { ttlMs: 300_000, cacheScope: "private" }],
    ["prompts/list", {}, { ttlMs: 300_000, cacheScope: "private" }],
    ["resources/templates/list", {}, { ttlMs: 300_000, cacheScope: "private" }],
    ["resources/list", {}, { ttlMs: 0, cacheScope: "private" }],
    ["resources/read", { uri: "nomad://default/jobs/default/web" }, { ttlMs: 0, cacheScope: "private" }],
    ["prompts/get", { name: "diagnose-job", arguments: { job_id: "web" } }, {}],
    ["tools/call", { name: "list_nomad_jobs", arguments: {} }, {}],
    ["tools/call", { name: "get_job_status", arguments: { job_id: "nope" } }, {}],
    ["tools/call", { name: "no_such_tool" }, {}],
    [
      "completion/complete",
      { ref: { type: "ref/prompt", name: "diagnose-job" }, argument: { name: "job_id", value: "we" } },
      {},
    ],
  ])("%s %j, and how long it may be kept", async (method, params, keeps) => {
    const { ask, askInSession } = await line();
    const modern = await ask(method, params);
    await askInSession("initialize", hello);
    const { result } = await askInSession(method, params);
    expect(ageless(modern.result)).toEqual(ageless({ resultType: "complete", ...result, ...keeps, _meta: serverInfo }));
  });

  test.each([
    ["resources/read", { uri: "nomad://nothing" }],
    ["resources/read", {}],
    ["tools/call", { name: 7 }],
    ["tools/list", { cursor: 7 }],
    ["prompts/get", { name: "no-such-prompt" }],
    ["no/such", {}],
  ])("%s %j: in its errors, too", async (method, params) => {
    const { ask, askInSession } = await line();
    const { error } = await ask(method, params);
    await askInSession("initialize", hello);
    expect(error).toEqual((await askInSession(method, params)).error);
  });
});

test("what is known without code is answered without it", async () => {
  const { ask, loads } = await line();
  for (const method of ["server/discover", "prompts/list", "resources/templates/list"]) {
    expect((await ask(method)).result).toMatchObject({ resultType: "complete" });
  }
  expect((await ask("subscriptions/listen", { notifications: {} })).result).toMatchObject({ resultType: "complete" });
  expect(loads()).toBe(0);
  await ask("tools/list");
  // A call follows.
  await expect.poll(loads).toBe(1);
});

test("a session and requests of their own go on beside each other, whichever came first", async () => {
  const { ask, askInSession, loads } = await line();
  const job = { name: "get_job_status", arguments: { job_id: "web" } };
  expect((await ask("tools/call", job)).result?.resultType).toBe("complete");
  expect((await askInSession("tools/call", job)).error?.message).toMatch(/^tools\/call came before initialize/);
  expect((await askInSession("initialize", hello)).result).toMatchObject({ protocolVersion: "2025-11-25" });
  const [modern, old] = await Promise.all([ask("tools/call", job), askInSession("tools/call", job)]);
  expect(ageless(modern.result?.content)).toEqual(ageless(old.result?.content));
  expect(old.result).not.toHaveProperty("resultType");
  expect((await ask("ping")).error?.code).toBe(-32601);
  expect(loads()).toBe(1);
});

test("what is cancelled gets no reply, and ends on the cluster", async () => {
  const { ask, send, tell, seen, demo } = await line();
  const args = { job_id: "web", follow_seconds: 45 };
  const { id } = send("tools/call", { name: "get_job_logs", arguments: args, _meta: metaOf() });
  const follows = () => demo.requests.filter(({ path }) => path.includes("/logs/")).length;
  await expect.poll(follows).toBeGreaterThan(0);
  await tell("notifications/cancelled", { requestId: id });
  await ask("tools/call", { name: "list_nomad_jobs", arguments: {} });
  expect(seen.filter((message) => "id" in message && message.id === id)).toEqual([]);
});

test("a server that cannot be loaded says why", async () => {
  const start = await openStart(settingsWith({ address: "http://127.0.0.1:9" }), () => {});
  onTestFinished(start.release);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const replied = new Promise((resolve) => {
    ours.onmessage = resolve;
  });
  await ours.start();
  await new Front(start.welcome, () => Promise.reject(new Error("the part is gone"))).open(theirs);
  await ours.send({ jsonrpc: "2.0", id: 1, method: "resources/list", params: { _meta: metaOf() } });
  const message = "This server could not be loaded: the part is gone";
  expect(await replied).toEqual({ jsonrpc: "2.0", id: 1, error: { code: -32603, message } });
});

test("the answer to a question holds for five minutes", async () => {
  let now = Date.now();
  const { ask, clock } = await line({ now: () => now });
  const stop = async (more = {}) => {
    const reply = ask("tools/call", { name: "stop_job", arguments: { job_id: "web" }, ...more }, asking);
    await clock.advance(20_000);
    return (await reply).result;
  };
  const inputResponses = { consent: { action: "accept", content: { confirm: true } } };
  const late = await stop();
  now += 5 * 60_000 + 10_000;
  const text = "The person's answer is to no question of this server, or came more than 5 minutes after it";
  expect(await stop({ inputResponses, requestState: late?.requestState })).toMatchObject({
    isError: true,
    content: [{ text: `${text}. Nothing was changed. Call again to have the person asked anew.` }],
  });
  const inTime = await stop();
  now += 4 * 60_000;
  expect((await stop({ inputResponses, requestState: inTime?.requestState }))?.content?.[0]?.text).toMatch(
    /^web stopped/,
  );
});
