import { afterEach, beforeEach, expect, test, vi } from "vitest";
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

const told = (text: string, on = session) =>
  steady(text)
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f-]{27})?\b/g, "<id>")
    .replaceAll(on.demo.address, "<address>")
    .replace(/confirm=\S+/, "confirm=<code>")
    .replace(/down for \w+/, "down for <age>");
const call = async (args: object = {}, on = session) => {
  const { text, isError } = await on.call("purge_node", { node: "client-3", ...args });
  return { isError, text: told(text, on) };
};
const names = async () => (await session.nomad<{ Name: string }[]>("GET", "/v1/nodes")).map(({ Name }) => Name).sort();

async function down(on = session) {
  const nodes = await on.nomad<{ ID: string; Name: string }[]>("GET", "/v1/nodes");
  const NodeID = nodes.find(({ Name }) => Name === "client-3")?.ID;
  await on.nomad("PUT", "/v1/volume/host/create", { Volume: { Name: "data", PluginID: "mkdir", NodeID } });
  const only = { Constraints: [{ LTarget: `\${node.unique.name}`, Operand: "=", RTarget: "client-3" }] };
  await on.register(mockJob("pinned", {}, { Count: 2 }, only));
  on.demo.setNodeStatus("client-3", "down");
  await on.clock.advance(15_000);
}

test("one that is down is forgotten; what it had is told, and what stays listed", async () => {
  await down();
  session.changes();
  const { text, isError } = await call();
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "client-3 (<id>) is forgotten; it registers again if its client ever returns
    Lost with it: 2 allocations of pinned
    Its host volume data stays listed as ready, and no job can have it
    Next: find_problems shows what has found no other place, or delete_volume volume=data force=true forgets a volume"
  `);
  expect(session.changes()).toHaveLength(1);
  expect(await names()).toEqual(["client-1", "client-2"]);
  expect((await call()).text).toMatch(/^There is no node "client-3"/);
  expect((await session.call("list_volumes")).text).toContain("not available: its node is gone");
});

test("the question says for how long it has been down, and what was lost with it", async () => {
  const asking = await demoSession({ confirm: "ask" });
  await down(asking);
  expect((await call({}, asking)).text).toMatchInlineSnapshot(`
    "Not done yet: purge_node needs the consent of the person.
    Have the servers forget node client-3; it registers again if its client ever returns
      node: client-3 (<id>, down for <age>, dc2, pool default)
      cluster: <address>
      lost with it: 2 allocations of pinned
      volumes: data stays listed as ready
    Show this to the person. If they agree, call purge_node again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  await asking.close();
});

test("one that lives is not: it would register again at once", async () => {
  session.changes();
  const { text, isError } = await call();
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "client-3 is ready, not down: it lives, and would register again at once, with its work moved. Nothing was changed.
    Next: drain_node node=client-3"
  `);
  expect(session.changes()).toEqual([]);
});

test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
  await down();
  between("/purge", lost);
  session.changes();
  const { text, isError } = await call();
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "PUT /v1/node/<id>/purge may have happened: its answer was lost (fetch failed)
    Looked at since: client-3 is gone.
    Next: list_nodes says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});

test("its client has returned meanwhile: it is there again", async () => {
  await down();
  between("/purge", async (send) => {
    const answer = await send();
    session.demo.setNodeStatus("client-3", "ready");
    return answer;
  });
  const { text, isError } = await call();
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "Nomad took it, but client-3 is there, ready: its client has returned since.
    Next: get_node_status node=client-3"
  `);
});
