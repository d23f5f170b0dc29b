import { afterAll, describe, expect, test } from "vitest";
import type { Deployment } from "../../src/endpoints/deployments.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";
import { first } from "../support/edit.ts";
import { serveRecorded } from "../support/recorded-server.ts";
import { type RecordedState, recordedState } from "../support/recorded-state.ts";
import { rollout } from "../support/rollouts.ts";
import { openSession } from "../support/session.ts";

const plain = (text: string) => steady(text).replaceAll(/ +$/gm, "");

/** Asks about what was recorded of a job, as `edit` changes it. */
async function recorded(job: string, edit: (state: RecordedState) => void, args: Record<string, unknown>) {
  const state = recordedState(job);
  edit(state);
  const server = await serveRecorded(state);
  const over = await openSession({ address: server.address });
  const { text } = await over.call("get_deployment_status", args);
  await over.close();
  server.close();
  return text;
}

/** What is said of the newest deployment of a recorded folder, or of the one with a status; `edit` changes it. */
async function told(
  job: string,
  edit: Partial<Deployment> = {},
  test: (each: Deployment) => boolean = () => true,
): Promise<string> {
  const { ID } = first(recordedState(job).deployments.filter(test));
  const change = ({ deployments, allocations }: RecordedState) => {
    // Nomad's filter sees the allocation itself, which knows its deployment; a row of the list does not tell.
    const { JobVersion } = first(deployments.filter((each) => each.ID === ID));
    for (const each of allocations) Object.assign(each, { DeploymentID: each.JobVersion === JobVersion ? ID : "" });
    for (const each of deployments) if (each.ID === ID) Object.assign(each, edit);
  };
  return plain(await recorded(job, change, { deployment_id: ID.slice(0, 9) }));
}

describe("a deployment", () => {
  test("that failed: which allocations, and why", async () => {
    expect(await told("failed-update", {}, ({ Status }) => Status === "failed")).toMatchInlineSnapshot(`
      "deployment d15a0dff of failed-update version 1 (namespace default) failed <age> (unhealthy allocations): 0 of 1 healthy, 1 unhealthy, begun <age>
      Why: api[0] (f4d9576e on dev-1) failed <age>: task server cannot be started: image pull failed: registry.example/app:9.9 not found

      group  wanted  placed  healthy  unhealthy
      api    1       1       0        1

      Next: diagnose_job job_id=failed-update says why, and what to do"
    `);
  });

  test("that was rolled back", async () => {
    expect(await told("auto-revert", {}, ({ Status }) => Status === "failed")).toMatchInlineSnapshot(`
      "deployment 3a2425f2 of auto-revert version 1 (namespace default) failed <age> (unhealthy allocations - rolling back to job version 0): 0 of 1 healthy, 1 unhealthy, begun <age>
      Why: api[0] (76d07b8b on dev-1) failed <age>: task server cannot be started: image pull failed: registry.example/app:9.9 not found

      group  wanted  placed  healthy  unhealthy
      api    1       1       0        1

      Next: diagnose_job job_id=auto-revert says why, and what to do"
    `);
  });

  test("whose canaries wait for a person", async () => {
    expect(await told("canary-waiting")).toMatchInlineSnapshot(`
      "deployment ec2d7549 of canary version 1 (namespace default) waits for promotion: 1 canary healthy, 1 of 2 healthy, begun <age>
      Canaries: api[0] (ea5c67cc on dev-1) is running and healthy

      group  wanted  placed  healthy  unhealthy  canaries  promoted  deadline
      api    2       1       1        0          1 of 1    no        in 27s

      Next: promote_deployment deployment_id=ec2d7549, or fail_deployment deployment_id=ec2d7549"
    `);
  });

  test("that is paused, or waits for another region", async () => {
    const paused = await told("canary-waiting", { Status: "paused" });
    expect(paused.split("\n")[0]).toMatchInlineSnapshot(
      `"deployment ec2d7549 of canary version 1 (namespace default) was paused <age> and goes on only when it is resumed: 1 of 2 healthy, begun <age>"`,
    );
    expect(paused).toMatch(
      /\nNext: pause_deployment deployment_id=\w{8} resume=true, or fail_deployment deployment_id=\w{8}$/,
    );
    const blocked = await told("canary-waiting", { Status: "blocked" });
    expect(blocked).toContain(" is done here and waits for the other regions: ");
    expect(blocked).toMatch(/\nNext: nomad deployment unblock \w{8} if one of them is not coming back$/);
    const pending = await told("canary-waiting", { Status: "pending" });
    expect(pending).toContain(" waits for another region: ");
    expect(pending).toMatch(/\nNext: get_job_status job_id=\S+ says how the job is$/);
  });

  test("that was cancelled", async () => {
    const text = await told("canary-waiting", {
      ...{ Status: "cancelled", StatusDescription: "Cancelled due to newer version of job" },
    });
    expect(text.split("\n")[0]).toContain(" was cancelled <age> (newer version of job): ");
  });
});

describe("on a cluster", () => {
  let demo: DemoSession;
  afterAll(() => demo.close());

  test("one that succeeded is told in another namespace, too, and no step is named", async () => {
    demo = await demoSession();
    const deployments = await demo.nomad<Deployment[]>("GET", "/v1/deployments?namespace=*");
    const billing = first(deployments.filter(({ JobID }) => JobID === "billing"));
    const { text } = await demo.call("get_deployment_status", { deployment_id: billing.ID.slice(0, 8) });
    expect(plain(text).replaceAll(/\b[0-9a-f]{8}\b/g, "<id>")).toMatchInlineSnapshot(`
      "deployment <id> of billing version 0 (namespace prod) succeeded <age>: 2 of 2 healthy, begun <age>

      group    wanted  placed  healthy  unhealthy
      billing  2       2       2        0"
    `);
  });

  test("the newest of a job, wherever it is; a job that has none is told why", async () => {
    const { ID } = await rollout(demo, "api");
    const { text } = await demo.call("get_deployment_status", { job_id: "api" });
    expect(text).toContain(`deployment ${ID.slice(0, 8)} of api version 1 (namespace default) waits for promotion`);
    expect(text).toMatch(/\nCanaries: web\[0\] \(\w{8} on client-\d\) is running and healthy\n/);
    const elsewhere = await demo.call("get_deployment_status", { job_id: "billing" });
    expect(elsewhere.text).toMatch(/^\(billing is in namespace prod, not in default\)\ndeployment \w{8} of billing /);
    await demo.register(mockJob("sums", {}, {}, { Type: "batch" }));
    const none = await demo.call("get_deployment_status", { job_id: "sums" });
    expect(none).toEqual({ isError: true, text: "sums has no deployment: a batch job has none." });
    expect((await demo.call("get_deployment_status")).text).toMatch(/^Give a deployment_id, or a job_id /);
  });

  test("what is not healthy is told with the check that fails, and where that asks", async () => {
    const checked = {
      Update: { MaxParallel: 1, MinHealthyTime: 100e6, HealthyDeadline: 4e9, ProgressDeadline: 6e9 },
      Networks: [{ DynamicPorts: [{ Label: "http" }] }],
      Services: [
        {
          ...{ Name: "shop-api", Provider: "nomad", PortLabel: "http" },
          Checks: [{ Name: "alive", Type: "http", Path: "/health", Interval: 1e9, Timeout: 1e9 }],
        },
      ],
    };
    await demo.register(mockJob("unanswered", {}, checked), 20);
    const { text } = await demo.call("get_deployment_status", { job_id: "unanswered" });
    expect(text).toMatch(
      /\nWhy: api\[0\] .* is running but not healthy\n {5}check alive of service shop-api fails: .*10\.0\.1\.\d+:\d+.*refused\n/,
    );
  });

  test("refused: what is no id, what there is not, and what is the id of something else", async () => {
    const say = async (deployment_id: string) => (await demo.call("get_deployment_status", { deployment_id })).text;
    expect(await say("web")).toBe(
      '"web" is not a deployment id: those are hexadecimal, such as 4f2a9c31. That is a job: get_job_status job_id=web.',
    );
    expect(await say("00000000")).toBe(
      "There is no deployment that begins with 00000000. It may be gone: Nomad forgets ended ones after a while.",
    );
    const [allocation] = await demo.nomad<{ ID: string }[]>("GET", "/v1/allocations");
    const id = allocation?.ID.slice(0, 8) ?? "";
    expect(await say(id)).toBe(
      `There is no deployment that begins with ${id}. That is the id of an allocation: get_allocation_status allocation_id=${id}.`,
    );
  });
});
