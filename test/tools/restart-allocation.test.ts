import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Allocation, AllocationStub } from "../../src/endpoints/allocations.ts";
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

const told = (text: string) =>
  steady(text)
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f-]{27})?\b/g, "<id>")
    .replaceAll(/client-\d/g, "<node>");
const restart = async (args: Record<string, unknown>) => {
  const { text, isError } = await session.call("restart_allocation", args);
  return { isError, text: told(text) };
};

const task = (Name: string, config: object = {}, more: object = {}) => ({
  ...{ Name, Driver: "mock_driver", Config: { run_for: "1h", ...config }, Resources: { CPU: 20, MemoryMB: 16 } },
  ...more,
});
const three = [
  task("server"),
  task("side"),
  task("init", { run_for: "1s" }, { Lifecycle: { Hook: "prestart", Sidecar: false } }),
];

/** The only allocation of a job that is registered for it. */
async function running(id: string, group: object = {}, job: object = {}, seconds = 15): Promise<AllocationStub> {
  await session.register(mockJob(id, {}, group, job), seconds);
  const [only] = await session.nomad<AllocationStub[]>("GET", `/v1/job/${id}/allocations`);
  if (only === undefined) throw new Error(`${id} has no allocation`);
  session.changes();
  return only;
}

/** How often each task of an allocation has been restarted. */
async function restarts(id: string) {
  const { TaskStates } = await session.nomad<Allocation>("GET", `/v1/allocation/${id}`);
  return Object.fromEntries(Object.entries(TaskStates ?? {}).map(([name, { Restarts }]) => [name, Restarts]));
}

describe("restarted", () => {
  test("what runs of it, once", async () => {
    const { ID } = await running("api", { Tasks: three });
    const { text, isError } = await restart({ allocation_id: ID.slice(0, 8) });
    expect(isError, text).toBe(false);
    expect(text).toMatchInlineSnapshot(
      `"api[0] (<id> on <node>) of api restarted (namespace default); it is running and healthy after <span>"`,
    );
    expect(session.changes()).toEqual([`PUT /v1/client/allocation/${ID}/restart?namespace=default`]);
    expect(await restarts(ID)).toEqual({ server: 1, side: 1, init: 0 });
  });

  test("one task alone, and all with those that have ended", async () => {
    const { ID } = await running("api", { Tasks: three });
    expect((await restart({ allocation_id: ID, task: "side" })).text).toMatchInlineSnapshot(
      `"task side of api[0] (<id> on <node>) of api restarted (namespace default); it is running and healthy after <span>"`,
    );
    expect(await restarts(ID)).toEqual({ server: 0, side: 1, init: 0 });
    expect((await restart({ allocation_id: ID, all_tasks: true })).text).toMatchInlineSnapshot(
      `"all tasks of api[0] (<id> on <node>) of api restarted (namespace default); it is running and healthy after <span>"`,
    );
    expect(await restarts(ID)).toEqual({ server: 1, side: 2, init: 1 });
  });

  test("what does not stay up: why, and where to look", async () => {
    const { ID } = await running("api", { Tasks: [task("server", { run_for: "2500ms", exit_code: 3 })] }, {}, 1);
    const { text, isError } = await restart({ allocation_id: ID });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "api[0] (<id> on <node>) of api restarted (namespace default); it ran again, and then task server exits with code 3
      Next: get_job_logs allocation_id=<id>, or get_allocation_status allocation_id=<id> says how it is"
    `);
  });

  test("without waiting it is sent, and said to be unconfirmed", async () => {
    const { ID } = await running("api");
    const { text } = await restart({ allocation_id: ID, wait_seconds: 0 });
    expect(text).toMatchInlineSnapshot(`
      "api[0] (<id> on <node>) of api restarted (namespace default), not confirmed: the time was over before it ran again
      Next: get_allocation_status allocation_id=<id> says how it is"
    `);
    expect(session.changes()).toHaveLength(1);
  });
});

describe("refused, and nothing is sent", () => {
  test("a task that there is not, that has ended, or is named beside all", async () => {
    const { ID } = await running("api", { Tasks: three });
    expect((await restart({ allocation_id: ID, task: "nope" })).text).toMatchInlineSnapshot(
      `"api[0] (<id> on <node>) of api has no task nope: it has server, side and init. Nothing was changed."`,
    );
    expect((await restart({ allocation_id: ID, task: "init" })).text).toMatchInlineSnapshot(`
      "Task init of api[0] (<id> on <node>) of api does not run. Nothing was changed.
      Next: restart_allocation allocation_id=<id> all_tasks=true restarts all of its tasks, the ended ones, too"
    `);
    expect((await restart({ allocation_id: ID, task: "side", all_tasks: true })).text).toMatchInlineSnapshot(
      `"Leave out task or all_tasks: one of them says what is restarted. Nothing was changed."`,
    );
    expect(session.changes()).toEqual([]);
  });

  test("what has ended, well or not", async () => {
    const ended = await running("sums", { Tasks: [task("server", { run_for: "1s" })] }, { Type: "batch" });
    const { text, isError } = await restart({ allocation_id: ended.ID });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"Only an allocation that runs is restarted, and api[0] (<id> on <node>) of sums finished <age>. Nothing was changed."`,
    );
    const policies = {
      ...{ RestartPolicy: { Attempts: 0, Interval: 300e9, Delay: 1e9, Mode: "fail" } },
      ...{ ReschedulePolicy: { Attempts: 0, Unlimited: false } },
    };
    const failed = await running("bad", { Tasks: [task("server", { run_for: "1s", exit_code: 2 })], ...policies });
    expect((await restart({ allocation_id: failed.ID })).text).toMatchInlineSnapshot(`
      "Only an allocation that runs is restarted, and api[0] (<id> on <node>) of bad failed <age>: task server exits with code 2. Nothing was changed.
      Next: force_evaluate_job job_id=bad reschedule=true has the scheduler place what failed again"
    `);
    expect(session.changes()).toEqual([]);
  });
});

test("its answer is lost: sent once, and what it comes to is not confirmed", async () => {
  const { ID } = await running("api");
  between("/restart", lost);
  const { text } = await restart({ allocation_id: ID });
  expect(text).toMatchInlineSnapshot(`
    "api[0] (<id> on <node>) of api restarted (namespace default), not confirmed: PUT /v1/client/allocation/<id>/restart may have happened: its answer was lost (fetch failed)
    Next: get_allocation_status allocation_id=<id> says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});
