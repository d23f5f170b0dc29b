import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
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
  const { text, isError } = await session.call("fail_deployment", args);
  return { isError, text: withoutIds(text) };
};

describe("ended as failed", () => {
  test("without auto_revert: the canary goes, the old version stays; a second time nothing is sent", async () => {
    const deployment = await rollout(session, "api");
    const { text, isError } = await call({ job_id: "api" });
    expect(isError, text).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "api update failed on request (deployment <id> of version 1, namespace default); failed: the deployment of version 1 failed <age> (marked as failed): 2 of 2 healthy; version 0 ran before
      Next: revert_job job_id=api version=0, or fix what makes it fail and submit_job_file"
    `);
    expect(session.changes()).toEqual([`POST /v1/deployment/fail/${deployment.ID}?namespace=default`]);
    expect(await newest(session, "api")).toMatchObject({ ID: deployment.ID, Status: "failed" });

    const again = await call({ job_id: "api" });
    expect(again.isError).toBe(true);
    expect(again.text).toMatchInlineSnapshot(`
      "Deployment <id> of api version 1 has ended: it failed <age> (marked as failed). Nothing was changed.
      Next: get_job_status job_id=api says how the job is"
    `);
    expect(session.changes()).toEqual([]);
  });

  test("with auto_revert: the job goes back, and that is followed to its end", async () => {
    const deployment = await rollout(session, "api", { reverts: true });
    const { text, isError } = await call({ deployment_id: deployment.ID });
    expect(isError, text).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "api update failed on request (deployment <id> of version 1, namespace default), rolled back to version 0; rolled back: version 1 failed <age>, version 0 runs again as version 2: 2 of 2 healthy after <span>
      Next: fix what makes it fail and submit_job_file"
    `);
    expect(await newest(session, "api")).toMatchObject({ JobVersion: 2, Status: "successful" });
  });

  test("by an allocation that is marked as unhealthy", async () => {
    const deployment = await rollout(session, "api");
    const [canary = ""] = deployment.TaskGroups?.web?.PlacedCanaries ?? [];
    const { text, isError } = await call({ job_id: "api", unhealthy: [canary.slice(0, 8)] });
    expect(isError, text).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "api update failed on request (deployment <id> of version 1, namespace default); failed: the deployment of version 1 failed <age> (unhealthy allocations): 2 of 2 healthy; version 0 ran before
      Marked as unhealthy: 1 allocation: web[0] (<id> on client-3)
      Next: revert_job job_id=api version=0, or fix what makes it fail and submit_job_file"
    `);
    expect(session.changes()).toEqual([`POST /v1/deployment/allocation-health/${deployment.ID}?namespace=default`]);
    const marked = await session.nomad<AllocationStub>("GET", `/v1/allocation/${canary}`);
    expect(marked.DeploymentStatus?.Healthy).toBe(false);
  });

  test("by one that its client had not judged yet: it was not late, somebody marked it", async () => {
    const Update = { MinHealthyTime: 60e9, HealthyDeadline: 300e9, ProgressDeadline: 600e9, MaxParallel: 1 };
    await session.register(mockJob("api", {}, { Update }), 20);
    const [{ ID = "" } = {}] = await session.nomad<AllocationStub[]>("GET", "/v1/job/api/allocations");
    const { text, isError } = await call({ job_id: "api", unhealthy: [ID] });
    expect(isError, text).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "api update failed on request (deployment <id> of version 0, namespace default); failed: the deployment of version 0 failed <age> (unhealthy allocations): 1 of 1 running
      Marked as unhealthy: 1 allocation: api[0] (<id> on client-1)
      Why: api[0] (<id> on client-1) runs, but was marked as unhealthy by hand
      Next: fix what makes it fail and submit_job_file"
    `);
  });
});

test("the question says what it leads to", async () => {
  const asking = await demoSession({ confirm: "ask" });
  await rollout(asking, "plain");
  await rollout(asking, "back", { reverts: true });
  const ask = async (job_id: string) => {
    const { text } = await asking.call("fail_deployment", { job_id });
    return withoutIds(text.replace(asking.demo.address, "<address>").replace(/confirm=\S+/, "confirm=<code>"));
  };
  expect(await ask("plain")).toMatchInlineSnapshot(`
    "Not done yet: fail_deployment needs the consent of the person.
    Fail the deployment of plain
      deployment: <id> (waits for promotion of web)
      job: plain (version 1)
      namespace: default
      cluster: <address>
      allocations: 1 of 2 healthy
      then: nothing is rolled back: canaries are stopped, what was replaced stays replaced
    Show this to the person. If they agree, call fail_deployment again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  expect(await ask("back")).toContain(
    "\n  then: the job is rolled back to its last stable version (auto_revert of web)\n",
  );
  await asking.close();
});

describe("refused, and nothing is sent", () => {
  test("an allocation of something else, and what is no id", async () => {
    await rollout(session, "api");
    await session.register(mockJob("other"));
    session.changes();
    const all = await session.nomad<AllocationStub[]>("GET", "/v1/job/other/allocations");
    const foreign = await call({ job_id: "api", unhealthy: [all[0]?.ID.slice(0, 8)] });
    expect(foreign.isError).toBe(true);
    expect(foreign.text).toMatchInlineSnapshot(
      `"<id> is no allocation of deployment <id> of api. Nothing was changed."`,
    );
    expect((await call({ job_id: "api", unhealthy: ["web[0]"] })).text).toMatchInlineSnapshot(
      `""web[0]" is not an allocation id of 8 or more characters. Nothing was changed."`,
    );
    expect(session.changes()).toEqual([]);
  });
});

describe("what Nomad answers is not taken on trust", () => {
  test("a 200 that fails nothing", async () => {
    await rollout(session, "api");
    between("/fail/", async () => Response.json({ EvalID: "", RevertedJobVersion: null }));
    const { text, isError } = await call({ job_id: "api" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "Nomad took the change, but the deployment of api is running, not failed.
      Next: get_deployment_status deployment_id=<id> says how it is"
    `);
  });

  test("its answer is lost: sent once, it may have happened, and what is seen since", async () => {
    await rollout(session, "api");
    between("/fail/", lost);
    const { text, isError } = await call({ job_id: "api" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "POST /v1/deployment/fail/<id> may have happened: its answer was lost (fetch failed)
      Looked at since: it is failed.
      Next: get_deployment_status deployment_id=<id> says how it is"
    `);
    expect(session.changes()).toHaveLength(1);
  });
});
