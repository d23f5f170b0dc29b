import { afterEach, beforeEach, expect, test, vi } from "vitest";
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
  const { text, isError } = await session.call("pause_deployment", args);
  return { isError, text: withoutIds(text) };
};

test("paused, and resumed to its end; a repeat of each sends nothing", async () => {
  const deployment = await rollout(session, "api", { more: { Update: { MinHealthyTime: 1e9 } } }, 1);
  const id = deployment.ID.slice(0, 8);
  const sent = [`POST /v1/deployment/pause/${deployment.ID}?namespace=default`];
  const paused = await call({ deployment_id: id });
  expect(paused.isError, paused.text).toBe(false);
  expect(paused.text).toMatchInlineSnapshot(`
    "api paused (deployment <id> of version 1, namespace default): nothing more of it is placed until it is resumed; 0 of 2 healthy
    Next: pause_deployment deployment_id=<id> resume=true, or fail_deployment deployment_id=<id>"
  `);
  expect(session.changes()).toEqual(sent);
  expect(await newest(session, "api")).toMatchObject({ Status: "paused" });
  expect((await call({ job_id: "api" })).text).toMatchInlineSnapshot(`
    "api is paused already (deployment <id> of version 1, namespace default). Nothing was changed.
    Next: pause_deployment deployment_id=<id> resume=true, or fail_deployment deployment_id=<id>"
  `);
  expect(session.changes()).toEqual([]);

  const resumed = await call({ deployment_id: id, resume: true });
  expect(resumed.isError, resumed.text).toBe(false);
  expect(resumed.text).toMatchInlineSnapshot(
    `"api resumed (deployment <id> of version 1, namespace default); running: 2 of 2 healthy (no check: ran for 1s) after <span>"`,
  );
  expect(session.changes()).toEqual(sent);
  expect(await newest(session, "api")).toMatchObject({ ID: deployment.ID, Status: "successful" });
});

test("what is not paused is not resumed, and nothing is sent", async () => {
  await rollout(session, "api");
  const { text, isError } = await call({ job_id: "api", resume: true });
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(
    `"api is not paused (deployment <id> of version 1, namespace default). Nothing was changed."`,
  );
  expect(session.changes()).toEqual([]);
});

test("one that has ended is refused, and nothing is sent", async () => {
  await session.register(mockJob("plain"));
  session.changes();
  const { text, isError } = await call({ job_id: "plain" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "Deployment <id> of plain version 0 has ended: it succeeded <age>. Nothing was changed.
    Next: get_job_status job_id=plain says how the job is"
  `);
  expect(session.changes()).toEqual([]);
});

test("somebody else has resumed it since", async () => {
  const { ID } = await rollout(session, "api");
  let meddled = false;
  between("/pause/", async (send) => {
    const reply = await send();
    if (meddled) return reply;
    meddled = true;
    await session.nomad("PUT", `/v1/deployment/pause/${ID}`, { DeploymentID: ID, Pause: false });
    return reply;
  });
  const { text, isError } = await call({ job_id: "api" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"Nomad took the change, but the deployment is running: somebody else has changed it since."`,
  );
});

test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
  await rollout(session, "api");
  between("/pause/", lost);
  const { text, isError } = await call({ job_id: "api" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "POST /v1/deployment/pause/<id> may have happened: its answer was lost (fetch failed)
    Looked at since: it is paused.
    Next: get_deployment_status deployment_id=<id> says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});
