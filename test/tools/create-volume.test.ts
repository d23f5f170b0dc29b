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

interface Made {
  readonly ID: string;
  readonly Name: string;
  readonly NodeID: string;
  readonly State: string;
}

const path = "/v1/volume/host/create";
const call = async (args: object) => {
  const { text, isError } = await session.call("create_volume", { name: "data", ...args });
  return { isError, text: told(text) };
};
const create = async (args: object = {}) => {
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
const told = (text: string) => steady(text).replaceAll(/\b[0-9a-f]{8}(-[0-9a-f-]{27})?\b/g, "<id>");
const made = async () => await session.nomad<Made[]>("GET", "/v1/volumes?type=host&namespace=*");
const nodeId = async (name: string) => {
  const nodes = await session.nomad<{ ID: string; Name: string }[]>("GET", "/v1/nodes");
  return nodes.find(({ Name }) => Name === name)?.ID ?? expect.fail();
};

test("on a node, followed until jobs can have it; what waited for it is placed", async () => {
  const Volumes = { data: { Name: "data", Type: "host", Source: "data" } };
  await session.register(mockJob("shop", {}, { Volumes }));
  const diagnosis = await session.call("diagnose_job", { job_id: "shop" });
  expect(diagnosis.text).toContain("create_volume name=data node=client-1");
  session.changes();
  expect(await create({ node: "client-1" })).toMatchInlineSnapshot(`
    "Host volume data (<id>, on client-1) made in namespace default: ready after <span>
    Its directory: /opt/nomad/data/host_volumes/<id>, for the client's user alone (mode 0700): a task that runs as another needs parameters mode, uid or gid
    A job asks for it with type "host", source "data", access_mode "single-node-writer", attachment_mode "file-system"
    Named by shop: what waits for it is placed by itself
    Next: get_job_status job_id=shop shows whether it is placed now"
  `);
  expect(session.changes()).toHaveLength(1);
  await session.clock.advance(15_000);
  expect((await session.call("get_job_status", { job_id: "shop" })).text).toMatch(/running: 1 of 1 healthy/);
});

test("a repeat on the same node changes nothing", async () => {
  await create({ node: "client-1" });
  session.changes();
  expect(await create({ node: "client-1" })).toMatchInlineSnapshot(`
    "Host volume data (<id>, on client-1) is there already: ready. Its namespace is default. Nothing was changed.
    Next: list_volumes prefix=<id> says who uses it"
  `);
  expect(session.changes()).toEqual([]);
});

test("where no node is named: one that takes work and has none of the name", async () => {
  session.demo.setNodeStatus("client-1", "down");
  session.demo.setEligibility("client-2", false);
  await session.clock.advance(15_000);
  expect(await create({ wait_seconds: 0 })).toMatchInlineSnapshot(`
    "Host volume data (<id>, on client-3) made in namespace default, but the servers do not know it as ready yet: no job is placed with it until then
    Its directory: /opt/nomad/data/host_volumes/<id>, for the client's user alone (mode 0700): a task that runs as another needs parameters mode, uid or gid
    A job asks for it with type "host", source "data", access_mode "single-node-writer", attachment_mode "file-system"
    Next: list_volumes prefix=data says how it is"
  `);
  expect((await made()).map(({ NodeID }) => NodeID)).toEqual([await nodeId("client-3")]);
});

test("with what its plugin is told, which is not repeated, and for another use", async () => {
  const parameters = { mode: "0777", uid: "1000" };
  const args = { node: "client-2", parameters, capacity_min: 10, access_mode: "single-node-reader-only" };
  const text = await create(args);
  expect(text).toMatchInlineSnapshot(`
    "Host volume data (<id>, on client-2) made in namespace default: ready after <span>
    Its directory: /opt/nomad/data/host_volumes/<id>
    mkdir holds it to no size
    A job asks for it with type "host", source "data", access_mode "single-node-reader-only", attachment_mode "file-system", read_only true"
  `);
  expect(text).not.toMatch(/0777/);
  const [{ ID } = expect.fail()] = await made();
  expect(await session.nomad("GET", `/v1/volume/host/${ID}`)).toMatchObject({
    ...{ Parameters: parameters, PluginID: "mkdir", Namespace: "default" },
    ...{ RequestedCapacityMinBytes: 10_485_760, RequestedCapacityMaxBytes: 10_485_760 },
    RequestedCapabilities: [{ AccessMode: "single-node-reader-only", AttachmentMode: "file-system" }],
  });
});

describe("refused before anything is sent", () => {
  test("a node that is down, of another pool, without the plugin, or with a volume of another namespace", async () => {
    session.demo.setNodeStatus("client-3", "down");
    await session.clock.advance(15_000);
    expect(await refused({ node: "client-3" })).toMatchInlineSnapshot(`
      "client-3 is down: a volume is made by its client. Nothing was changed.
      Next: get_node_status node=client-3"
    `);
    expect(await refused({ node: "client-1", node_pool: "gpu" })).toMatchInlineSnapshot(
      `"client-1 is in pool default, not in gpu. Nothing was changed."`,
    );
    expect(await refused({ node: "client-1", plugin: "zfs" })).toMatchInlineSnapshot(
      `"client-1 has no plugin zfs for dynamic host volumes: it has mkdir. Nothing was changed."`,
    );
    expect(await refused({ plugin: "zfs" })).toMatchInlineSnapshot(`
      "No node takes work and has the plugin zfs for dynamic host volumes. Nothing was changed.
      Next: list_nodes"
    `);
    expect(await refused({ node: "client-9" })).toMatchInlineSnapshot(
      `"There is no node "client-9". Nearest: client-1, client-2 and client-3. Nothing was changed."`,
    );
    await create({ node: "client-1", namespace: "prod" });
    expect(await refused({ node: "client-1" })).toMatchInlineSnapshot(
      `"client-1 has a volume data that is not of namespace default, and a node has one of a name. Nothing was changed."`,
    );
  });

  test("bounds that cross, and all namespaces at once", async () => {
    expect(await refused({ capacity_min: 20, capacity_max: 10 })).toMatchInlineSnapshot(
      `"capacity_max (10) is less than capacity_min (20). Nothing was changed."`,
    );
    expect(await refused({ namespace: "*" })).toMatch(/namespace/);
  });
});

test("what the plugin refuses is told in its words", async () => {
  between(path, async () => {
    const words = 'HostVolume.Create error: invalid value for "nope": unknown mkdir parameter: "nope"';
    return new Response(words, { status: 500, headers: { "content-type": "text/plain; charset=utf-8" } });
  });
  const { text, isError } = await call({ node: "client-1", parameters: { nope: "x" } });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "PUT /v1/volume/host/create failed: 500 HostVolume.Create error: invalid value for "nope": unknown mkdir parameter: "nope"
    No volume is made so; correct what it names."
  `);
});

test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
  between(path, lost);
  session.changes();
  const { text, isError } = await call({ node: "client-1" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "PUT /v1/volume/host/create may have happened: its answer was lost (fetch failed)
    Looked at since: data (<id>, on client-1) is there.
    Next: list_volumes prefix=data says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});
