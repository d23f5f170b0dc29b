import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Deployment } from "../../src/endpoints/deployments.ts";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession, mockJob, withoutIds } from "../support/demo-session.ts";
import { newest, rollout } from "../support/rollouts.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const call = async (args: Record<string, unknown>) => {
  const { text, isError } = await session.call("promote_deployment", args);
  return { isError, text: withoutIds(text), raw: text };
};
const route = ({ ID }: Deployment) => `POST /v1/deployment/promote/${ID}?namespace=default`;
const promoted = (now: Deployment) =>
  Object.fromEntries(Object.entries(now.TaskGroups ?? {}).map(([name, group]) => [name, group.Promoted]));

describe("promoted", () => {
  test("all of a job's newest deployment, followed to its end; a second time nothing is sent", async () => {
    const deployment = await rollout(session, "api");
    const { text, isError } = await call({ job_id: "api" });
    expect(isError, text).toBe(false);
    expect(text).toMatchInlineSnapshot(
      `"group web of api promoted (deployment <id> of version 1, namespace default); running: 2 of 2 healthy (no check: ran for 1s) after <span>"`,
    );
    expect(session.changes()).toEqual([route(deployment)]);
    expect(await newest(session, "api")).toMatchObject({ ID: deployment.ID, Status: "successful" });

    const again = await call({ job_id: "api" });
    expect(again.isError).toBe(true);
    expect(again.text).toMatchInlineSnapshot(`
      "Deployment <id> of api version 1 has ended: it succeeded <age>. Nothing was changed.
      Next: get_job_status job_id=api says how the job is"
    `);
    expect(session.changes()).toEqual([]);
  });

  test("one group of two, by the deployment's id: what is left, and how", async () => {
    const deployment = await rollout(session, "api", { groups: ["web", "worker"] });
    const args = { deployment_id: deployment.ID.slice(0, 8), groups: ["web"] };
    expect((await call(args)).text).toMatchInlineSnapshot(`
      "group web of api promoted (deployment <id> of version 1, namespace default); web 2 of 2 healthy; waiting for promotion: 1 of 1 canary of version 1 healthy; 2 allocations of version 0 run on
      Not promoted: worker (1 of 1 canary healthy)
      Next: promote_deployment deployment_id=<id>, or fail_deployment deployment_id=<id>"
    `);
    expect(session.changes()).toEqual([route(deployment)]);
    expect(promoted(await newest(session, "api"))).toEqual({ web: true, worker: false });

    const again = await call(args);
    expect(again.isError).toBe(false);
    expect(again.text).toMatchInlineSnapshot(`
      "group web of api is promoted already (deployment <id> of version 1, namespace default). Nothing was changed.
      Not promoted: worker (1 of 1 canary healthy)
      Next: promote_deployment deployment_id=<id>"
    `);
    expect(session.changes()).toEqual([]);

    expect((await call({ job_id: "api" })).text).toMatchInlineSnapshot(
      `"group worker of api promoted (deployment <id> of version 1, namespace default); running: 4 of 4 healthy (no check: ran for 1s) after <span>"`,
    );
  });

  test("of one that is paused nothing follows until it is resumed", async () => {
    const { ID } = await rollout(session, "api");
    await session.nomad("POST", `/v1/deployment/pause/${ID}`, { DeploymentID: ID, Pause: true });
    const { text, isError } = await call({ job_id: "api" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "group web of api promoted (deployment <id> of version 1, namespace default); the deployment is paused, so that nothing follows until it is resumed
      Next: pause_deployment deployment_id=<id> resume=true"
    `);
  });

  test("without waiting: what was begun, and what says how it ends", async () => {
    await rollout(session, "api", { groups: ["web", "worker"] });
    expect((await call({ job_id: "api", wait_seconds: 0, groups: ["web"] })).text).toMatchInlineSnapshot(`
      "group web of api promoted (deployment <id> of version 1, namespace default); still web 1 of 2 healthy; waiting for promotion: 1 of 1 canary of version 1 healthy; 4 allocations of version 0 run on
      Not promoted: worker (1 of 1 canary healthy)
      Next: promote_deployment deployment_id=<id>, or fail_deployment deployment_id=<id>"
    `);
    expect((await call({ job_id: "api", wait_seconds: 0 })).text).toMatchInlineSnapshot(
      `"group worker of api promoted (deployment <id> of version 1, namespace default); not followed: evaluation <id>; get_job_status job_id=api says how it ends"`,
    );
  });
});

describe("refused, and nothing is sent", () => {
  test("a group that there is not, which Nomad would take with success", async () => {
    await rollout(session, "api");
    const { text, isError } = await call({ job_id: "api", groups: ["web", "nope"] });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`"Deployment <id> of api has no group nope: it has web. Nothing was changed."`);
    expect(session.changes()).toEqual([]);
  });

  test("no canaries, no deployment, none named, or one elsewhere", async () => {
    await session.register(mockJob("plain"), 1);
    expect((await call({ job_id: "plain" })).text).toMatchInlineSnapshot(
      `"Deployment <id> of plain has no canaries, so there is nothing to promote. Nothing was changed."`,
    );
    await session.register(mockJob("sums", {}, {}, { Type: "batch" }));
    expect((await call({ job_id: "sums" })).text).toMatchInlineSnapshot(
      `"sums has no deployment. Nothing was changed."`,
    );
    expect((await call({})).text).toMatchInlineSnapshot(
      `"Give a deployment_id, or a job_id for its newest deployment (list_deployments shows what rolls out). Nothing was changed."`,
    );
    const { ID } = await rollout(session, "books", { namespace: "prod" });
    session.changes();
    expect((await call({ deployment_id: ID.slice(0, 5) })).text).toMatchInlineSnapshot(
      `"549a3 is too short for the id of the deployment that is to be changed: give 8 characters. Nothing was changed."`,
    );
    expect((await call({ deployment_id: ID, namespace: "default" })).text).toMatchInlineSnapshot(
      `"Deployment <id> of books is in namespace prod, not in default. Nothing was changed."`,
    );
    expect((await call({ deployment_id: ID, job_id: "api" })).text).toMatchInlineSnapshot(
      `"Deployment <id> of books is none of api. Nothing was changed."`,
    );
    expect((await call({ deployment_id: "00000000" })).text).toMatchInlineSnapshot(
      `"There is no deployment that begins with <id>. It may be gone: Nomad forgets ended ones after a while. Nothing was changed."`,
    );
    expect(session.changes()).toEqual([]);
  });
});

describe("what Nomad answers is not taken on trust", () => {
  test("too early: whose canaries are not healthy", async () => {
    await rollout(session, "api", { groups: ["web", "worker"], config: { start_block_for: "5m" } }, 3);
    const { text, isError } = await call({ job_id: "api" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "api was not promoted: 0 of 1 canary of group web and 0 of 1 canary of group worker healthy. Nothing was changed.
      Next: get_deployment_status deployment_id=<id> says what keeps the others, and by when"
    `);
    expect(promoted(await newest(session, "api"))).toEqual({ web: false, worker: false });
  });

  test("a 200 that promotes nothing", async () => {
    await rollout(session, "api");
    between("/promote/", async () => Response.json({ EvalID: "", RevertedJobVersion: null }));
    const { text, isError } = await call({ job_id: "api" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "Nomad took the promotion of deployment <id> of api, but group web is not promoted.
      Next: get_deployment_status deployment_id=<id> says how it is"
    `);
  });

  test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
    const deployment = await rollout(session, "api");
    between("/promote/", lost);
    const { text, isError } = await call({ job_id: "api" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "POST /v1/deployment/promote/<id> may have happened: its answer was lost (fetch failed)
      Looked at since: group web is promoted.
      Next: get_deployment_status deployment_id=<id> says how it is"
    `);
    expect(session.changes()).toEqual([route(deployment)]);
  });

  test("cancelled half-way: sent once, and it may have happened", async () => {
    const deployment = await rollout(session, "api");
    const host = new AbortController();
    const reached = new Promise<void>((resolve) => {
      between("/promote/", async (send) => {
        const reply = await send();
        host.abort();
        resolve();
        return reply;
      });
    });
    const called = session.client.callTool({ name: "promote_deployment", arguments: { job_id: "api" } }, undefined, {
      signal: host.signal,
    });
    await expect(called).rejects.toThrow();
    await reached;
    expect(session.changes()).toEqual([route(deployment)]);
    expect(promoted(await newest(session, "api"))).toEqual({ web: true });
  });
});
