import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { address, recordedNomad } from "../support/recorded.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const list = async (args: Record<string, unknown> = {}) => {
  const { text, isError } = await session.call("list_volumes", args);
  expect(isError, text).toBe(false);
  return told(text);
};
const told = (text: string) => text.replaceAll(/\b[0-9a-f]{8}\b/g, "<id>").replaceAll(/ {3,}/g, "  ");

async function make(name: string, on: string, more: object = {}) {
  const nodes = await session.nomad<{ ID: string; Name: string }[]>("GET", "/v1/nodes");
  const NodeID = nodes.find(({ Name }) => Name === on)?.ID;
  const Volume = { Name: name, PluginID: "mkdir", NodeID, ...more };
  await session.nomad("PUT", "/v1/volume/host/create", { Volume });
  await session.clock.advance(5_000);
}
const asking = (source: string, more: object = {}) => ({
  Volumes: { data: { Name: "data", Type: "host", Source: source, ...more } },
});

test("where each is, who uses it, who holds to it, and which cannot be had because its node is down", async () => {
  await make("data", "client-1");
  await make("logs", "client-3");
  await make("media", "client-2");
  await session.register(mockJob("shop", {}, { Count: 2, ...asking("data") }));
  await session.register(mockJob("db", {}, asking("media", { Sticky: true })));
  await session.nomad("DELETE", "/v1/job/db");
  session.demo.setNodeStatus("client-3", "down");
  await session.clock.advance(15_000);
  expect(await list()).toMatchInlineSnapshot(`
    "3 dynamic host volumes in namespace default; not to be had: logs on client-3

    volume  id  type  node  state  used by
    logs  <id>  host, mkdir  client-3  not available: client-3 is down  nobody
    media  <id>  host, mkdir  client-2  ready  claimed by db
    data  <id>  host, mkdir  client-1  ready  shop (2 allocations)

    Next: get_node_status node=client-3 says why it is away"
  `);
  expect(await list({ prefix: "me" })).toMatchInlineSnapshot(`
    "1 dynamic host volume in namespace default

    volume  id  type  node  state  used by
    media  <id>  host, mkdir  client-2  ready  claimed by db"
  `);
  expect(await list({ node: "client-1" })).toMatchInlineSnapshot(`
    "1 dynamic host volume in namespace default (on client-1)

    volume  id  type  node  state  used by
    data  <id>  host, mkdir  client-1  ready  shop (2 allocations)"
  `);
});

test("page by page, and in all namespaces", async () => {
  await make("data", "client-1");
  await make("data", "client-2");
  await make("pay", "client-2", { Namespace: "prod" });
  const first = await session.call("list_volumes", { namespace: "*", limit: 2 });
  expect(told(first.text).replace(/cursor=\S+/, "cursor=<cursor>")).toMatchInlineSnapshot(`
    "more than 2 dynamic host volumes in all namespaces

    volume  id  namespace  type  node  state  used by
    data  <id>  default  host, mkdir  client-2  ready  nobody
    pay  <id>  prod  host, mkdir  client-2  ready  nobody

    Next: cursor=<cursor>"
  `);
  const cursor = /cursor=(\S+)/.exec(first.text)?.[1];
  expect(await list({ namespace: "*", limit: 2, cursor })).toMatchInlineSnapshot(`
    "1 dynamic host volume in all namespaces

    volume  id  namespace  type  node  state  used by
    data  <id>  default  host, mkdir  client-1  ready  nobody"
  `);
  const { text, isError } = await session.call("list_volumes", { cursor: "web" });
  expect([isError, text]).toEqual([true, "That is no cursor of list_volumes."]);
});

test("nothing there", async () => {
  expect(await list()).toMatchInlineSnapshot(`"No volume in namespace default"`);
  expect(await list({ prefix: "zz", node: "client-1" })).toMatchInlineSnapshot(
    `"No volume that begins with zz on client-1 in namespace default"`,
  );
});

test("static ones, by name, and a dynamic one that a node does not give to jobs", async () => {
  const clock = virtualClock();
  const demo = await startDemoCluster({
    ...{ clock, seed: 1, jobs: false },
    fill(store) {
      const path = { Path: "/etc/ssl/certs", ID: "" };
      for (const node of [...store.nodes.values()]) {
        const ReadOnly = node.Name !== "client-3";
        const HostVolumes = {
          certs: { Name: "certs", ReadOnly, ...path },
          hidden: { Name: "hidden", ReadOnly, ...path },
        };
        store.write((put) => put.node({ ...node, HostVolumes }));
      }
      const [node] = store.nodes.values();
      const made = {
        ...{
          ID: "4f2a9c31-5d0e-4b7a-9c1f-0123456789ab",
          Name: "hidden",
          Namespace: "default",
          State: "ready" as const,
        },
        ...{ NodeID: node?.ID ?? "", NodePool: "default", PluginID: "", HostPath: "/srv/hidden", CapacityBytes: 3e9 },
        ...{ RequestedCapabilities: [], RequestedCapacityMinBytes: 0, RequestedCapacityMaxBytes: 0 },
        ...{ CreateIndex: 1, ModifyIndex: 1, CreateTime: 0, ModifyTime: 0 },
      };
      store.write((put) => put.shelve("host_volumes", made.ID, made));
    },
  });
  onTestFinished(() => demo.stop());
  const other = await openSession({ address: demo.address });
  onTestFinished(() => other.close());
  expect(told((await other.call("list_volumes")).text)).toMatchInlineSnapshot(`
    "1 dynamic host volume in namespace default; 4 static host volumes; not to be had: hidden on client-1

    volume  id  type  node  state  size  used by
    hidden  <id>  host, registered  client-1  not what jobs get: client-1 has another of that name  2.8 GiB  nobody
    certs  host, static  client-1 and client-2  read-only  not told by Nomad
    certs  host, static  client-3  writable  not told by Nomad
    hidden  host, static  client-1 and client-2  read-only  not told by Nomad
    hidden  host, static  client-3  writable  not told by Nomad"
  `);
});

test("CSI volumes: whether anything is placed with them, by how many they are claimed, and how their plugin is", async () => {
  // Nomad's CSIVolListStub; no cluster at hand has a CSI plugin.
  const row = { Namespace: "default", PluginID: "ebs", Schedulable: true, CurrentReaders: 0, CurrentWriters: 0 };
  const rows = [
    { ...row, ID: "pg", Name: "pg", CurrentWriters: 1, CurrentReaders: 2, NodesHealthy: 3, NodesExpected: 3 },
    { ...row, ID: "old", Name: "old", Schedulable: false, NodesHealthy: 1, NodesExpected: 3 },
  ];
  recordedNomad({
    job: "web",
    extra: [
      http.get(`${address}/v1/volumes`, ({ request }) =>
        HttpResponse.json(new URL(request.url).searchParams.get("type") === "csi" ? rows : []),
      ),
    ],
  });
  const other = await openSession({ address });
  onTestFinished(() => other.close());
  expect(told((await other.call("list_volumes")).text)).toMatchInlineSnapshot(`
    "2 CSI volumes in namespace default; not to be had: old

    volume  type  state  used by
    old  CSI, ebs  not schedulable, plugin healthy on 1 of 3 nodes  nobody
    pg  CSI, ebs  schedulable  1 writer, 2 readers"
  `);
});

test("at most six requests, and one for each dynamic volume of the page", async () => {
  for (const on of ["client-1", "client-2", "client-3"]) await make("data", on);
  const before = session.demo.requests.length;
  await list({ node: "client-2" });
  expect(session.demo.requests.length - before).toBeLessThanOrEqual(7);
});
