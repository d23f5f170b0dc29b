import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import type { NodeStub } from "../../src/endpoints/nodes.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { denied, front, type Instead } from "../support/front.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeAll(async () => {
  session = await demoSession();
});
afterAll(() => session.close());

async function search(text: string, args: object = {}): Promise<string> {
  const answer = await session.call("search_nomad", { text, ...args });
  expect(answer.isError, answer.text).toBe(false);
  return answer.text;
}

test("a word: the jobs of that name, and what holds it inside of others", async () => {
  expect(await search("web")).toMatchInlineSnapshot(`
    ""web": 1 job, 1 job with it inside and 3 addresses of services

    jobs
      job  namespace  type     state
      web  default    service  running

    jobs with it inside
      job  namespace  what
      web  default    group web and service web

    addresses of services
      service  namespace  job  address          node      health
      web      default    web  10.0.1.11:29535  client-1  no check
      web      default    web  10.0.1.12:27380  client-2  no check
      web      default    web  10.0.1.11:31488  client-1  no check"
  `);
});

test("a word in any namespace, in whatever case", async () => {
  expect(await search("BILL")).toMatchInlineSnapshot(`
    ""BILL": 1 job and 1 job with it inside

    jobs
      job      namespace  type     state
      billing  prod       service  running

    jobs with it inside
      job      namespace  what
      billing  prod       group billing, task billing and image shop/billing:3.0"
  `);
  expect(await search("bill", { namespace: "default" })).toMatchInlineSnapshot(`
    "Nothing found for "bill" in namespace default.
    Searched, as far as the token may see: names of jobs, what they hold (groups, tasks, services, drivers, images, commands), nodes, dynamic host volumes and CSI volumes; names of namespaces, node pools, CSI plugins and variables (the first 20 of each)."
  `);
});

test("a node", async () => {
  expect((await search("client-2")).replace(/[0-9a-f]{8}/, "<id>")).toMatchInlineSnapshot(`
    ""client-2": 1 node

    nodes
      <id> client-2 (dc1): ready"
  `);
});

test("the start of an id: what it is, and of which job", async () => {
  const [allocation] = await session.nomad<AllocationStub[]>("GET", "/v1/job/web/allocations");
  const [node] = await session.nomad<NodeStub[]>("GET", "/v1/nodes");
  const id = allocation?.ID ?? "";
  for (const begun of [id.slice(0, 8), id.slice(0, 7), id.replaceAll("-", "").slice(0, 13), id]) {
    expect(await search(begun)).toContain(`\n  ${id.slice(0, 8)} ${allocation?.Name} (namespace default): running on `);
  }
  expect(await search(node?.ID.slice(0, 6) ?? "")).toContain(`${node?.ID.slice(0, 8)} ${node?.Name} (`);
});

test("an allocation by its name", async () => {
  expect(
    (await search("web.web[1]")).replaceAll(/[0-9a-f]{8}/g, "<id>").replace(/client-\d/, "<node>"),
  ).toMatchInlineSnapshot(`
    ""web.web[1]": 1 allocation

    allocations
      <id> web.web[1] (namespace default): running on <node>"
  `);
});

test("a job behind the first twenty, where Nomad's own fuzzy search does not look", async () => {
  for (let index = 0; index < 25; index++) await session.register(mockJob(`many-${String(index).padStart(2, "0")}`), 0);
  await session.register(mockJob("z-last", { image: "registry.example/last:1" }), 0);
  const fuzzy = await session.nomad<{ Matches: object }>("POST", "/v1/search/fuzzy?namespace=*", { Text: "z-last" });
  expect(Object.keys(fuzzy.Matches)).not.toContain("jobs");
  expect(await search("z-last")).toMatchInlineSnapshot(`
    ""z-last": 1 job

    jobs
      job     namespace  type     state
      z-last  default    service  pending"
  `);
  expect(await search("registry.example")).toMatchInlineSnapshot(`
    ""registry.example": 1 job with it inside

    jobs with it inside
      job     namespace  what
      z-last  default    image registry.example/last:1"
  `);
  const many = await search("many", { limit: 3 });
  expect(many).toMatchInlineSnapshot(`
    ""many": more than 3 jobs

    jobs (the nearest ones)
      job      namespace  type     state
      many-00  default    service  pending
      many-01  default    service  pending
      many-02  default    service  pending

    A longer text or a greater limit shows the rest."
  `);
});

describe("what a purged parent has left", () => {
  const parent = (id: string) => mockJob(id, {}, {}, { Type: "batch", ParameterizedJob: { Payload: "optional" } });
  const dispatch = async (id: string) =>
    (await session.nomad<{ DispatchedJobID: string }>("POST", `/v1/job/${id}/dispatch`, { JobID: id })).DispatchedJobID;
  const masked = (text: string, runs: readonly string[]) =>
    runs.reduce((all, run, index) => all.replaceAll(run, `geo/dispatch-<${index}>`), text);

  test("is found by the parent's name, by a run's id and by a part of it, and said to go on", async () => {
    await session.register(parent("geo"), 0);
    await session.register(parent("geodesy"), 0);
    const runs = [await dispatch("geo"), await dispatch("geo")];
    const [other] = [await dispatch("geodesy")];
    await session.clock.advance(5_000);
    expect(await search("geo")).not.toContain("dispatch-");
    await session.nomad("DELETE", "/v1/job/geo?purge=true");
    const byName = await search("geo");
    expect(masked(byName, runs)).toMatchInlineSnapshot(`
      ""geo": 3 jobs
      2 runs go on although the parent is gone; stop_job job_id=geo/dispatch-<1> ends one

      jobs
        job                               namespace  type   state
        geodesy                           default    batch  parameterized, 1 child: 1 running
        geo/dispatch-<1>  default    batch  running, its parent is gone
        geo/dispatch-<0>  default    batch  running, its parent is gone"
    `);
    const [run = ""] = runs;
    for (const text of [run, run.slice(4), run.slice(-8), run.toUpperCase().slice(0, 16)])
      expect(await search(text)).toMatch(new RegExp(`${run} +default +batch +running, its parent is gone`));
    expect(await search(other ?? "")).not.toContain("gone");
    for (const id of [...runs, other]) await session.nomad("DELETE", `/v1/job/${id}?purge=true`);
  });

  test("where too many jobs fit it is not looked for, and that is said", async () => {
    for (let index = 0; index < 101; index++) await session.register(mockJob(`crowd-${index}`), 0);
    expect(await search("crowd")).toMatch(/\nNot searched: runs of purged parents \(too many jobs of that name\)\.$/);
  });
});

test("a service: where it answers, and how its checks are", async () => {
  const check = { Name: "alive", Type: "tcp", Interval: 10e9, Timeout: 2e9 };
  const services = [
    { Name: "shop-api", PortLabel: "http", Provider: "nomad", Checks: [check] },
    { Name: "shop-metrics", PortLabel: "http", Provider: "nomad" },
  ];
  const Networks = [{ Mode: "host", DynamicPorts: [{ Label: "http" }] }];
  await session.register(mockJob("front", {}, { Services: services, Networks }));
  await session.clock.advance(30_000);
  expect(ports(await search("shop"))).toMatchInlineSnapshot(`
    ""shop": 5 jobs with it inside and 2 addresses of services

    jobs with it inside
      job             namespace  what
      front           default    service shop-api and service shop-metrics
      billing         prod       image shop/billing:3.0
      checkout        default    image shop/checkout-api:5.2 and image shop/checkout-worker:5.2
      ml-train        default    image shop/ml-train:0.9
      nightly-report  default    image shop/report:2.1

    addresses of services
      service       namespace  job    address          node      health
      shop-api      default    front  <address>  <node>  check alive fails
      shop-metrics  default    front  <address>  <node>  no check"
  `);
  await session.register(
    mockJob("idle", { run_for: "1s" }, { Services: [{ ...services[0], Name: "idle-api" }], Networks, Count: 0 }),
  );
  expect(await search("idle-api")).toMatchInlineSnapshot(`
    ""idle-api": 1 job with it inside

    jobs with it inside
      job   namespace  what
      idle  default    service idle-api
    No instance of service idle-api is registered now."
  `);
});

const ports = (text: string) =>
  text.replaceAll(/\d+\.\d+\.\d+\.\d+:\d+/g, "<address>").replaceAll(/client-\d/g, "<node>");

test("a host volume by a part of its name", async () => {
  await session.nomad("PUT", "/v1/volume/host/create", { Volume: { Name: "media-shelf", PluginID: "mkdir" } });
  expect(await search("SHELF")).toMatchInlineSnapshot(`
    ""SHELF": 1 dynamic host volume

    dynamic host volumes
      media-shelf (namespace default)"
  `);
});

test("what means something else in an expression is taken as it is", async () => {
  expect(await search("a.*(b")).toMatchInlineSnapshot(`
    "Nothing found for "a.*(b" in any namespace.
    Searched, as far as the token may see: names of jobs, what they hold (groups, tasks, services, drivers, images, commands), nodes, dynamic host volumes and CSI volumes; names of namespaces, node pools, CSI plugins and variables (the first 20 of each)."
  `);
  expect(await search('`x` or ID != "')).toContain("Nothing found");
});

describe("a Nomad that answers less", () => {
  async function searchBehind(text: string, instead: (url: URL) => Instead | undefined) {
    const before = await front(session.demo.address, instead);
    const other = await openSession({ address: before.address });
    const answer = await other.call("search_nomad", { text });
    await other.close();
    await before.stop();
    return answer;
  }

  test("fuzzy search is switched off: names are found all the same, the rest by their start", async () => {
    const off = { status: 500, text: "fuzzy search is not enabled" };
    const answer = await searchBehind("pro", ({ pathname }) => (pathname === "/v1/search/fuzzy" ? off : undefined));
    expect(answer.text).toMatchInlineSnapshot(`
      ""pro": 1 namespace

      namespaces
        prod"
    `);
  });

  test("filters without any: inside jobs as far as Nomad's own search goes, and it says so", async () => {
    const old = {
      status: 400,
      text: "failed to create result paginator: failed to read filter expression: no match found",
    };
    const answer = await searchBehind("checkout", ({ searchParams }) =>
      searchParams.get("filter")?.includes("any TaskGroups") ? old : undefined,
    );
    expect(answer.text).toMatchInlineSnapshot(`
      ""checkout": 1 job and 1 job with it inside

      jobs
        job       namespace  type     state
        checkout  default    service  worker: starting again after failures

      jobs with it inside
        job       namespace  what
        checkout  default    image shop/checkout-api:5.2 and image shop/checkout-worker:5.2
      (inside jobs only the first 20 were looked at: this Nomad's filters cannot do more)"
    `);
  });

  test("nodes that the token may not see are not searched, and it says so", async () => {
    const answer = await searchBehind("client", ({ pathname }) => (pathname === "/v1/nodes" ? denied : undefined));
    expect(answer.text).toMatchInlineSnapshot(`
      "Nothing found for "client" in any namespace.
      Searched, as far as the token may see: names of jobs, what they hold (groups, tasks, services, drivers, images, commands), dynamic host volumes and CSI volumes; names of namespaces, node pools, CSI plugins and variables (the first 20 of each).
      Not searched: nodes (the token needs node { policy = "read" })."
    `);
  });

  test("a token that may see nothing", async () => {
    const answer = await searchBehind("web", () => denied);
    expect([answer.isError, answer.text]).toEqual([true, expect.stringContaining("Permission denied")]);
  });
});
