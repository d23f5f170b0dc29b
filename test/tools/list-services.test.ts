import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { fillUp } from "../support/large-cluster.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const list = async (args: Record<string, unknown> = {}) => {
  const { text, isError } = await session.call("list_services", args);
  expect(isError, text).toBe(false);
  return told(text);
};
const told = (text: string) =>
  steady(text)
    .replaceAll(/\b[0-9a-f]{8}\b/g, "<id>")
    .replaceAll(/:\d{5}\b/g, ":<port>")
    .replaceAll(/ {3,}/g, "  ");

/** A job of one service whose check asks a port on which the mock driver does not listen. */
const served = (id: string, service: object = {}, group: object = {}, job: object = {}) =>
  mockJob(
    id,
    {},
    {
      Networks: [{ DynamicPorts: [{ Label: "http" }] }],
      Services: [{ Name: `${id}-http`, Provider: "nomad", PortLabel: "http", ...service }],
      ...group,
    },
    job,
  );
const check = { Checks: [{ Name: "alive", Type: "http", Path: "/health", Interval: 1e9, Timeout: 1e9 }] };

test("all services: where each answers, those first whose checks fail", async () => {
  await session.register(served("shop", check, { Count: 2 }));
  await session.register(served("plain", { PortLabel: "" }));
  expect(await list()).toMatchInlineSnapshot(`
    "3 services in namespace default; 2 instances with a check that fails: shop-http

    service  address  node  job  allocation  checks
    shop-http  10.0.1.11:<port>  client-1  shop  <id>  check alive fails
    shop-http  10.0.1.12:<port>  client-2  shop  <id>  check alive fails
    plain-http  no address  client-1  plain  <id>  no check
    web  10.0.1.11:<port>  client-1  web  <id>  no check
    web  10.0.1.12:<port>  client-2  web  <id>  no check
    web  10.0.1.11:<port>  client-1  web  <id>  no check

    check alive of shop-http at 10.0.1.11:<port>: nomad: Get "http://10.0.1.11:<port>/health": dial tcp 10.0.1.11:<port>: connect: connection refused

    Next: diagnose_job job_id=shop"
  `);
});

test("in every namespace, page by page", async () => {
  await session.register(served("shop", {}, {}, { Namespace: "prod" }));
  await session.register(served("plain"));
  expect(await list({ namespace: "*", limit: 1 })).toMatchInlineSnapshot(`
    "3 services in all namespaces, 1 shown; no instance has a check

    service  namespace  address  node  job  allocation  checks
    plain-http  default  10.0.1.12:<port>  client-2  plain  <id>  no check

    Next: cursor=default/web"
  `);
  const { text } = await session.call("list_services", { namespace: "*", limit: 1 });
  const cursor = /cursor=(\S+)/.exec(text)?.[1];
  expect(await list({ namespace: "*", limit: 50, cursor })).toMatchInlineSnapshot(`
    "3 services in all namespaces; no instance has a check

    service  namespace  address  node  job  allocation  checks
    web  default  10.0.1.11:<port>  client-1  web  <id>  no check
    web  default  10.0.1.12:<port>  client-2  web  <id>  no check
    web  default  10.0.1.11:<port>  client-1  web  <id>  no check
    shop-http  prod  10.0.1.11:<port>  client-1  shop  <id>  no check"
  `);
});

test("of one name: every instance, wherever it is registered; and the nearest name", async () => {
  await session.register(served("shop", check, { Count: 5 }));
  await session.register(served("pay", {}, {}, { Namespace: "prod" }));
  expect(await list()).toContain("Of shop-http only 3 instances are shown.");
  expect(await list({ name: "shop-http" })).toMatchInlineSnapshot(`
    "shop-http (namespace default): 5 instances; 5 instances with a check that fails

    service  address  node  job  allocation  checks
    shop-http  10.0.1.11:<port>  client-1  shop  <id>  check alive fails
    shop-http  10.0.2.11:<port>  client-3  shop  <id>  check alive fails
    shop-http  10.0.1.11:<port>  client-1  shop  <id>  check alive fails
    shop-http  10.0.1.12:<port>  client-2  shop  <id>  check alive fails
    shop-http  10.0.1.12:<port>  client-2  shop  <id>  check alive fails

    check alive of shop-http at 10.0.1.11:<port>: nomad: Get "http://10.0.1.11:<port>/health": dial tcp 10.0.1.11:<port>: connect: connection refused

    Next: diagnose_job job_id=shop"
  `);
  expect(await list({ name: "shop-http", limit: 2 })).toMatch(/more than 2 instances[\s\S]*Next: .*cursor=/);
  expect(await list({ name: "pay-http" })).toMatchInlineSnapshot(`
    "(pay-http is in namespace prod, not in default)
    pay-http (namespace prod): 1 instance; no instance has a check

    service  address  node  job  allocation  checks
    pay-http  10.0.1.12:<port>  client-2  pay  <id>  no check"
  `);
  const { text, isError } = await session.call("list_services", { name: "shop-htp" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"No service "shop-htp" of Nomad's own provider is registered in namespace default or another. The nearest is shop-http. Those of Consul are not seen here."`,
  );
});

test("of one job; and why it has none", async () => {
  await session.register(served("shop", {}, { Count: 2 }));
  expect(await list({ job_id: "shop" })).toMatchInlineSnapshot(`
    "shop (namespace default): 1 service, 2 instances; no instance has a check

    service  address  node  job  allocation  checks
    shop-http  10.0.1.11:<port>  client-1  shop  <id>  no check
    shop-http  10.0.1.12:<port>  client-2  shop  <id>  no check

    Next: get_job_status job_id=shop says how it is"
  `);
  await session.nomad("DELETE", "/v1/job/shop");
  await session.clock.advance(15_000);
  expect(await list({ job_id: "shop" })).toMatchInlineSnapshot(`
    "shop (namespace default) has no instance of a service: shop-http of its job file ended with it: it is stopped
    Next: get_job_status job_id=shop says how it is"
  `);
  await session.register(mockJob("bare"));
  expect(await list({ job_id: "bare" })).toMatchInlineSnapshot(`
    "bare (namespace default) has no instance of a service: its job file declares none
    Next: get_job_status job_id=bare says how it is"
  `);
  await session.register(served("meshed", { Provider: "consul" }));
  expect(await list({ job_id: "meshed" })).toMatchInlineSnapshot(`
    "meshed (namespace default) has no instance of a service: meshed-http are Consul's, which are not seen here
    Next: get_job_status job_id=meshed says how it is"
  `);
});

test("a namespace without any: where there are some", async () => {
  expect(await list({ namespace: "prod" })).toMatchInlineSnapshot(`
    "No service of Nomad's own provider is registered in namespace prod
    There are services in 1 namespace: default.
    Services of Consul are not seen here."
  `);
});

test("in a large cluster: 27 requests, and 60 KB beside all names", async () => {
  const demo = await startDemoCluster({
    ...{ clock: virtualClock(), seed: 1 },
    fill(store) {
      fillUp({ jobs: 10_000, deadAllocations: 50_000, nodes: 500 })(store);
      const named = new Set<object>();
      for (const { Job: job } of store.allocs.values()) {
        if (named.has(job)) continue;
        named.add(job);
        job.TaskGroups = job.TaskGroups.map((group) => ({
          ...group,
          Services: (group.Services ?? []).map((each) => ({ ...each, Name: job.ID })),
        }));
      }
    },
  });
  onTestFinished(() => demo.stop());
  const over = await openSession({ address: demo.address });
  onTestFinished(() => over.close());
  const { text } = await over.call("list_services", { namespace: "*" });
  expect(text).toMatch(/^9,99\d services in all namespaces, 15 shown/);
  const [names, ...others] = demo.requests;
  expect(names?.path).toBe("/v1/services?namespace=*");
  expect(names?.bytes).toBeLessThan(700_000);
  expect(others.length).toBeLessThanOrEqual(26);
  expect(others.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(60_000);
});
