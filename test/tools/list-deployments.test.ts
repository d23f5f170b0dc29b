import { startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { type DemoSession, demoSession, mockJob, withoutIds } from "../support/demo-session.ts";
import { fillUp } from "../support/large-cluster.ts";
import { rollout } from "../support/rollouts.ts";
import { openSession } from "../support/session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

const list = async (args: Record<string, unknown> = {}) => {
  const { text, isError } = await session.call("list_deployments", args);
  expect(isError, text).toBe(false);
  return told(text);
};
const told = (text: string) =>
  withoutIds(text)
    .replaceAll(/ {3,}/g, "  ")
    .replaceAll(/ {2}(\d+[dhms])+$/gm, "  <age>");
const pause = async (id: string) =>
  await session.nomad("POST", `/v1/deployment/pause/${id}`, { DeploymentID: id, Pause: true });

test("what goes on: what waits for a person first, with what lets it go on", async () => {
  await rollout(session, "held", { config: { start_block_for: "1h" } }).then(({ ID }) => pause(ID));
  await rollout(session, "api", { groups: ["web", "worker"] });
  await rollout(session, "slow", { config: { start_block_for: "1h" } });
  expect(await list()).toMatchInlineSnapshot(`
    "3 deployments go on in namespace default; 2 wait for a person

    deployment  job  version  state  healthy  begun
    <id>  api  1  waits for promotion of web and worker  2 of 4  <age>
    <id>  held  1  paused <age>  0 of 2  <age>
    <id>  slow  1  tries canaries of web, deadline in 9m45s  0 of 2  <age>

    Next: promote_deployment deployment_id=<id>, or pause_deployment deployment_id=<id> resume=true"
  `);
});

test("nothing goes on: what ended last", async () => {
  expect(await list()).toMatchInlineSnapshot(`
    "No deployment goes on in namespace default
    The newest that ended:

    deployment  job  version  state  healthy  begun
    <id>  checkout  0  succeeded <age>  3 of 3  <age>
    <id>  cache  0  succeeded <age>  1 of 1  <age>
    <id>  web  0  succeeded <age>  3 of 3  <age>"
  `);
  expect(await list({ namespace: "prod" })).toMatchInlineSnapshot(`
    "No deployment goes on in namespace prod
    The newest that ended:

    deployment  job  version  state  healthy  begun
    <id>  billing  0  succeeded <age>  2 of 2  <age>"
  `);
});

test("in all namespaces, page by page", async () => {
  await rollout(session, "api");
  await rollout(session, "books", { namespace: "prod" });
  const first = await list({ namespace: "*", limit: 1 });
  expect(first).toMatchInlineSnapshot(`
    "1 deployment goes on in all namespaces, more follow; 1 waits for a person

    deployment  job  namespace  version  state  healthy  begun
    <id>  books  prod  1  waits for promotion of web  1 of 2  <age>

    Next: promote_deployment deployment_id=<id> namespace=prod, or cursor=150.<id>"
  `);
  const { text } = await session.call("list_deployments", { namespace: "*", limit: 1 });
  const cursor = /cursor=(\S+?),? /.exec(`${text} `)?.[1];
  expect(await list({ namespace: "*", limit: 1, cursor })).toMatchInlineSnapshot(`
    "1 deployment goes on in all namespaces; 1 waits for a person

    deployment  job  namespace  version  state  healthy  begun
    <id>  api  default  1  waits for promotion of web  1 of 2  <age>

    Next: promote_deployment deployment_id=<id>"
  `);
});

test("of one job: its past ones, wherever it is; and why it has none", async () => {
  await rollout(session, "api");
  expect(await list({ job_id: "api" })).toMatchInlineSnapshot(`
    "2 deployments of api in namespace default, 1 goes on; 1 waits for a person

    deployment  job  version  state  healthy  begun
    <id>  api  1  waits for promotion of web  1 of 2  <age>
    <id>  api  0  succeeded <age>  2 of 2  <age>

    Next: promote_deployment deployment_id=<id>"
  `);
  expect(await list({ job_id: "billing" })).toMatchInlineSnapshot(`
    "(billing is in namespace prod, not in default)
    1 deployment of billing in namespace prod, none goes on

    deployment  job  version  state  healthy  begun
    <id>  billing  0  succeeded <age>  2 of 2  <age>"
  `);
  await session.register(mockJob("sums", { run_for: "1s" }, {}, { Type: "batch" }));
  expect(await list({ job_id: "sums" })).toMatchInlineSnapshot(
    `"sums (namespace default) has no deployment: a batch job has none"`,
  );
  const { text, isError } = await session.call("list_deployments", { job_id: "nope" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"There is no job "nope" in namespace default. If there was one, Nomad has deleted it since it ended (after job_gc_threshold, usually 4h, or by a collection of garbage). list_nomad_jobs shows what there is."`,
  );
});

test("in a large cluster: one request of at most 1 KB a row, and a second one where nothing goes on", async () => {
  const rollouts = (status: "running" | "successful") =>
    startDemoCluster({
      ...{ clock: virtualClock(), seed: 1 },
      fill(store) {
        fillUp({ jobs: 10_000, deadAllocations: 0, nodes: 5 })(store);
        for (const [id, each] of store.deployments) store.deployments.set(id, { ...each, Status: status });
      },
    });
  const cost = async (status: "running" | "successful") => {
    const demo = await rollouts(status);
    onTestFinished(() => demo.stop());
    const over = await openSession({ address: demo.address });
    onTestFinished(() => over.close());
    const before = demo.requests.length;
    const { text } = await over.call("list_deployments", { namespace: "*" });
    const asked = demo.requests.slice(before);
    return { text, requests: asked.length, bytes: asked.reduce((sum, { bytes }) => sum + bytes, 0) };
  };
  const all = await cost("running");
  expect(all.text).toMatch(/^25 deployments go on in all namespaces, more follow/);
  expect(all.requests).toBe(1);
  expect(all.bytes).toBeLessThan(25_000);
  const none = await cost("successful");
  expect(none.text).toMatch(/^No deployment goes on in all namespaces/);
  expect(none.requests).toBe(2);
  expect(none.bytes).toBeLessThan(5_000);
});
