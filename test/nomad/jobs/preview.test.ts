import { type DemoCluster, startDemoCluster } from "demo-cluster";
import { virtualClock } from "demo-cluster/clock.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jobs } from "../../../src/endpoints/jobs.ts";
import { previewJob } from "../../../src/nomad/jobs/preview.ts";
import { NomadClient } from "../../../src/nomad-client.ts";
import { mockJob } from "../../support/demo-session.ts";

const clock = virtualClock();
let demo: DemoCluster;
let nomad: NomadClient;

beforeAll(async () => {
  demo = await startDemoCluster({ clock, seed: 1, jobs: false });
  nomad = new NomadClient({
    ...{ base: demo.address, namespace: "default", readOnly: false },
    fetch,
  });
});
afterAll(() => demo.stop());

const register = async (job: object) => {
  await nomad.write(jobs.register, {}, { Job: job });
  await clock.advance(15_000);
};
/** A preview, the address of this demo cluster made steady. */
const preview = async (id: string, what = `Stop ${id}`) => {
  const { text, stamp } = await previewJob(nomad, id, what);
  return { text: text.replace(demo.address, "<address>"), stamp };
};

test("a job: what it is, where it is and what of it runs", async () => {
  await register(mockJob("web", {}, { Count: 2 }));
  expect((await preview("web")).text).toMatchInlineSnapshot(`
    "Stop web
      job: web (service, version 0)
      namespace: default
      cluster: <address>
      allocations: 2 run"
  `);
});

test("a job of several groups: each", async () => {
  const job = mockJob("shop");
  const { TaskGroups } = job as unknown as { TaskGroups: object[] };
  await register({ ...job, TaskGroups: [...TaskGroups, { ...TaskGroups[0], Name: "db" }] });
  expect((await preview("shop")).text).toMatch(/allocations: 2 run \((api 1, db 1|db 1, api 1)\)/);
});

test("a stopped one, and one that does not exist yet", async () => {
  await register(mockJob("gone"));
  await nomad.write(jobs.deregister, { job_id: "gone" });
  await clock.advance(15_000);
  expect((await preview("gone")).text).toMatchInlineSnapshot(`
    "Stop gone
      job: gone (service, version 1, stopped)
      namespace: default
      cluster: <address>
      allocations: none run"
  `);
  expect((await preview("new", "Submit a job file")).text).toMatchInlineSnapshot(`
    "Submit a job file
      job: new (new: there is none of that id)
      namespace: default
      cluster: <address>"
  `);
});

test("the stamp stays while the job stays, and changes with it", async () => {
  await register(mockJob("api"));
  const [first, again] = [await preview("api"), await preview("api")];
  expect(again.stamp).toBe(first.stamp);
  await clock.advance(60_000);
  expect((await preview("api")).stamp).toBe(first.stamp);
  await register(mockJob("api", {}, { Count: 3 }));
  expect((await preview("api")).stamp).not.toBe(first.stamp);
  const other = await previewJob(nomad.in("prod"), "api", "Stop api");
  expect(other.stamp).not.toBe(first.stamp);
});
