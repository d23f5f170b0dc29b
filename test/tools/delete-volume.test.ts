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

const path = "/v1/volume/host/";
const told = (text: string) =>
  steady(text)
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f-]{27})?\b/g, "<id>")
    .replaceAll(/http:\/\/127[^\s]+/g, "<address>")
    .replace(/confirm=\S+/, "confirm=<code>");
const call = async (args: object, on = session) => {
  const { text, isError } = await on.call("delete_volume", { volume: "data", ...args });
  return { isError, text: told(text) };
};
const refused = async (args: object = {}) => {
  session.changes();
  const { text, isError } = await call(args);
  expect(isError, text).toBe(true);
  expect(session.changes()).toEqual([]);
  return text;
};
async function make(name: string, on: string, at = session) {
  const nodes = await at.nomad<{ ID: string; Name: string }[]>("GET", "/v1/nodes");
  const Volume = { Name: name, PluginID: "mkdir", NodeID: nodes.find(({ Name }) => Name === on)?.ID };
  const { Volume: made } = await at.nomad<{ Volume: { ID: string } }>("PUT", `${path}create`, { Volume });
  await at.clock.advance(5_000);
  return made.ID;
}
const left = async () => await session.nomad<{ Name: string }[]>("GET", "/v1/volumes?type=host");
const asking = { Volumes: { data: { Name: "data", Type: "host", Source: "data", Sticky: true } } };

test("with its data; who named it is told", async () => {
  await make("data", "client-1");
  await session.register(mockJob("shop", {}, asking));
  await session.nomad("DELETE", "/v1/job/shop");
  await session.clock.advance(15_000);
  session.changes();
  const { text, isError } = await call({});
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`
    "Host volume data (<id>, on client-1) deleted, with all that was in it
    Named by shop (stopped)"
  `);
  expect(session.changes()).toHaveLength(1);
  expect(await left()).toEqual([]);
});

test("the question says what goes, who names it, and who holds to it", async () => {
  const open = await demoSession({ confirm: "ask" });
  await make("data", "client-1", open);
  await open.register(mockJob("shop", {}, asking));
  await open.nomad("DELETE", "/v1/job/shop");
  await open.clock.advance(15_000);
  expect((await call({}, open)).text).toMatchInlineSnapshot(`
    "Not done yet: delete_volume needs the consent of the person.
    Delete host volume data (<id>, on client-1)
      volume: data (<id>, ready)
      namespace: default
      cluster: <address>
      directory: /opt/nomad/data/host_volumes/<id> is deleted, with all that is in it
      named by: shop (stopped), which finds no such volume then
      claimed by: shop
    Show this to the person. If they agree, call delete_volume again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  await open.close();
});

describe("refused", () => {
  test("one that is used", async () => {
    await make("data", "client-1");
    await session.register(mockJob("shop", {}, { Count: 2, ...asking }));
    expect(await refused()).toMatchInlineSnapshot(`
      "data (<id>, on client-1) is used by 2 allocations (<id> and <id>) of shop, and is not deleted until they have ended. Nothing was changed.
      Next: stop_job job_id=shop"
    `);
  });

  test("one of several of its name, of another namespace, or that there is not", async () => {
    await make("data", "client-1");
    await make("data", "client-2");
    expect(await refused()).toMatchInlineSnapshot(
      `"2 volumes fit data: <id> (on client-2) and <id> (on client-1). Name one by its id. Nothing was changed."`,
    );
    expect(await refused({ volume: "dat" })).toMatchInlineSnapshot(
      `"There is no dynamic host volume "dat" in namespace default. The nearest is data. Nothing was changed."`,
    );
    expect(await refused({ volume: "data", namespace: "prod" })).toMatchInlineSnapshot(
      `"There is no dynamic host volume "data" in namespace prod. It is in 1 namespace default: say which with namespace=. Nothing was changed."`,
    );
    expect(await refused({ volume: "something-else" })).toMatchInlineSnapshot(
      `"There is no dynamic host volume "something-else" in namespace default. Static ones stand in the configuration of their client. list_volumes shows what there is. Nothing was changed."`,
    );
  });

  test("one whose node is down, which the servers forget where that is said", async () => {
    await make("data", "client-3");
    session.demo.setNodeStatus("client-3", "down");
    await session.clock.advance(15_000);
    expect(await refused()).toMatchInlineSnapshot(`
      "data (<id>, on client-3) cannot be deleted: client-3 is down, and its client would have to do it. Nothing was changed.
      Next: bring the node back (get_node_status node=client-3), or where the node never returns, force=true has the servers forget the volume"
    `);
    session.changes();
    const { text, isError } = await call({ force: true });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(
      `"Host volume data (<id>, on client-3) forgotten by the servers; its directory stays on the node's disk. If the node came back, it would hold the name and no job could use it"`,
    );
    expect(session.changes()).toEqual([expect.stringMatching(/force=true/)]);
    expect(await left()).toEqual([]);
  });
});

test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
  await make("data", "client-1");
  between(path, lost);
  session.changes();
  const { text, isError } = await call({});
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "DELETE /v1/volume/host/<id> may have happened: its answer was lost (fetch failed)
    Looked at since: data (<id>, on client-1) is gone.
    Next: list_volumes prefix=data says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});
