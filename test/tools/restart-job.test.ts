import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function restart(args: Record<string, unknown>) {
  const { text, isError } = await session.call("restart_job", args);
  const cursor = /cursor=(\S+)/.exec(text)?.[1];
  return { text: steady(text), isError, cursor };
}
const allocations = (id: string) => session.nomad<AllocationStub[]>("GET", `/v1/job/${id}/allocations`);
const restarts = async (id: string, task = "server") =>
  (await allocations(id)).map(({ TaskStates }) => TaskStates?.[task]?.Restarts);

/** How many allocations a call asked to restart. */
const sent = () => session.changes().filter((request) => /^PUT .*\/(restart|stop)\?/.test(request)).length;

describe("in place", () => {
  test("each allocation once, one after the other, and how the job is then", async () => {
    const { text, isError } = await restart({ job_id: "web" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(
      `"web restarted (namespace default); 3 of 3 allocations in <span>, running: 3 of 3 healthy, version 0 submitted <age>"`,
    );
    expect(await restarts("web", "nginx")).toEqual([1, 1, 1]);
  });

  test("one group, one task", async () => {
    const side = {
      Name: "side",
      Driver: "mock_driver",
      Config: { run_for: "1h" },
      Resources: { CPU: 20, MemoryMB: 16 },
    };
    const main = { ...side, Name: "server" };
    const group = (Name: string, Tasks: object[]) => ({ Name, Count: 1, Tasks });
    const groups = { TaskGroups: [group("api", [main, side]), group("worker", [main])] };
    await session.register(mockJob("two", {}, {}, groups));
    const { text } = await restart({ job_id: "two", group: "api", task: "server" });
    expect(text).toMatchInlineSnapshot(
      `"two restarted (namespace default); 1 of 1 allocation in <span>, running: 2 of 2 healthy (no check: ran for 10s), version 0 submitted <age>"`,
    );
    const states = (await allocations("two")).map(({ TaskGroup, TaskStates }) => [
      TaskGroup,
      Object.fromEntries(Object.entries(TaskStates ?? {}).map(([task, { Restarts }]) => [task, Restarts])),
    ]);
    expect(Object.fromEntries(states)).toEqual({ api: { server: 1, side: 0 }, worker: { server: 0 } });
  });
});

describe("more than one call", () => {
  test("the cursor goes on: each allocation is sent one restart, whether its end was seen or not", async () => {
    const first = await restart({ job_id: "web", wait_seconds: 0 });
    expect(first.text.replace(first.cursor ?? "", "<cursor>")).toMatchInlineSnapshot(`
      "web restarted in part (namespace default); 1 of 3 allocations in <span>, 2 to go
      Sent, not confirmed: web[2] (716e7ef9 on client-1): the time was over before it ran again
      Next: restart_job job_id=web cursor=<cursor> goes on with the other 2"
    `);
    expect(first.cursor?.length).toBeLessThan(60);
    expect(sent()).toBe(1);
    const second = await restart({ job_id: "web", wait_seconds: 0, cursor: first.cursor });
    expect(sent()).toBe(1);
    const third = await restart({ job_id: "web", cursor: second.cursor });
    expect(sent()).toBe(1);
    expect(third.text).toMatchInlineSnapshot(
      `"web restarted (namespace default); 3 of 3 allocations in <span>, running: 3 of 3 healthy, version 0 submitted <age>"`,
    );
    await session.clock.advance(5_000);
    expect(await restarts("web", "nginx")).toEqual([1, 1, 1]);
  });

  test("nothing is left: nothing is sent", async () => {
    const { cursor } = await restart({ job_id: "web", wait_seconds: 0 });
    await restart({ job_id: "web", cursor });
    sent();
    const last = cursor?.replace(/(\d+)-([0-9a-f]{8})/, "$1-ffffffff");
    const { text } = await restart({ job_id: "web", cursor: last });
    expect(sent()).toBe(0);
    expect(text).toMatchInlineSnapshot(
      `"web had nothing left to restart (namespace default); it came to 1 of 3 allocations, running: 3 of 3 healthy, version 0 submitted <age>"`,
    );
  });

  test("allocations that came up since it began are new already", async () => {
    const { cursor } = await restart({ job_id: "web", wait_seconds: 0 });
    await session.clock.advance(5_000);
    const [, second] = await allocations("web");
    await session.nomad("PUT", `/v1/allocation/${second?.ID}/stop`);
    await session.clock.advance(15_000);
    sent();
    await restart({ job_id: "web", cursor });
    // Of three, one was restarted before and one was replaced.
    expect(sent()).toBe(1);
  });

  test("more than a page of allocations", async () => {
    const small = { Resources: { CPU: 1, MemoryMB: 10 }, LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 } };
    const task = { Name: "server", Driver: "mock_driver", Config: { run_for: "1h" }, ...small };
    const many = { Count: 130, Tasks: [task], EphemeralDisk: { SizeMB: 10 }, Update: { MaxParallel: 0 } };
    await session.register(mockJob("many", {}, many), 60);
    const first = await restart({ job_id: "many", batch_size: 100, wait_seconds: 0 });
    expect(first.text).toContain("100 of 130 allocations");
    expect(first.cursor?.length).toBeLessThan(60);
    const second = await restart({ job_id: "many", batch_size: 20, wait_seconds: 0, cursor: first.cursor });
    expect(second.text).toContain("120 of 130 allocations");
    const third = await restart({ job_id: "many", batch_size: 20, cursor: second.cursor });
    expect(third.text).toContain("130 of 130 allocations");
    expect(new Set(await restarts("many"))).toEqual(new Set([1]));
  });

  test("a cursor of another restart, or none at all", async () => {
    const { cursor } = await restart({ job_id: "web", wait_seconds: 0 });
    sent();
    const other = await restart({ job_id: "web", group: "web", cursor });
    const none = await restart({ job_id: "web", cursor: "page-2" });
    expect([other.isError, none.isError, sent()]).toEqual([true, true, 0]);
    expect(other.text).toMatchInlineSnapshot(
      `"The cursor is of another restart: its job_id, namespace, group, task or reschedule differ, or the job was purged since. Nothing was restarted."`,
    );
    expect(none.text).toMatchInlineSnapshot(
      `"That is no cursor of a restart: take it whole from the answer before. Nothing was restarted."`,
    );
  });
});

describe("by rescheduling", () => {
  test("a service: each one is stopped, and its replacement runs before the next", async () => {
    const { text } = await restart({ job_id: "web", reschedule: true });
    expect(text.replaceAll(/[0-9a-f]{8}/g, "<id>")).toMatchInlineSnapshot(`
      "web restarted (namespace default); 3 of 3 allocations in <span>, running: 3 of 3 running, version 0 submitted <age>
      Replaced: web[2] (<id> on client-1) by <id>, web[1] (<id> on client-2) by <id> and web[0] (<id> on client-1) by <id>"
    `);
    const after = await allocations("web");
    expect(after.map(({ ClientStatus }) => ClientStatus).sort()).toEqual([
      ...Array(3).fill("complete"),
      ...Array(3).fill("running"),
    ]);
  });

  test("a replacement that cannot be placed stops it, and the rest is left alone", async () => {
    await session.register(mockJob("far", {}, { Count: 2 }, { Datacenters: ["dc2"] }));
    session.demo.drainNode("client-3");
    const { text } = await restart({ job_id: "far", reschedule: true });
    expect(text.replaceAll(/[0-9a-f]{8}/g, "<id>")).toMatchInlineSnapshot(`
      "far restart stopped at 1 of 2 allocations (namespace default); api[1] (<id> on client-3): it was stopped, and its replacement could not be placed: no node in datacenter dc2 takes work: client-3 is draining
      degraded: 1 of 2 healthy, 1 not placed, version 0 submitted <age>
      Why: no node in datacenter dc2 takes work: client-3 is draining
      Next: when the drain of client-3 is no longer wanted: drain_node node=client-3 cancel=true, or once that is fixed: restart_job job_id=far reschedule=true cursor=<id>.140.140-<id>.1.2 goes on with the other 1"
    `);
  });
});

describe("refused, and nothing is sent", () => {
  afterEach(() => expect(sent()).toBe(0));

  test("a group or task that there is not", async () => {
    const group = await restart({ job_id: "web", group: "api" });
    const task = await restart({ job_id: "web", task: "apache" });
    expect([group.isError, task.isError]).toEqual([true, true]);
    expect(group.text).toMatchInlineSnapshot(`"web has no group api: it has web. Nothing was restarted."`);
    expect(task.text).toMatchInlineSnapshot(`"web has no task apache: web has nginx. Nothing was restarted."`);
  });

  test("nothing runs: the verdict says why", async () => {
    const { text, isError } = await restart({ job_id: "ml-train" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "Nothing of ml-train runs, so nothing was restarted: not placed: 0 of 1 finished, version 0 submitted <age>
      Why: 2 of 3 nodes do not have 64,000 MB of memory for task train; they are too small, the largest has 8,192 MB; the driver docker is missing or unhealthy on 1 of 3 nodes
      Next: ask for less than 8,192 MB, or add a larger node"
    `);
  });

  test("a deployment goes on", async () => {
    await session.register(mockJob("young"), 3);
    const { text, isError } = await restart({ job_id: "young" });
    expect(isError).toBe(true);
    expect(text.replace(/deployment \w+/, "deployment <id>")).toMatchInlineSnapshot(`
      "young was not restarted: deployment <id> of version 0 is running. Nothing was changed.
      Next: get_job_status job_id=young says when that is over"
    `);
  });

  test("a periodic job", async () => {
    const { text, isError } = await restart({ job_id: "nightly-report" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"nightly-report is periodic: it runs nothing itself, its children do: restart one of those (list_nomad_jobs prefix=nightly-report/ include_children=true). Nothing was restarted."`,
    );
  });

  test("an unknown job", async () => {
    const { text, isError } = await restart({ job_id: "webb" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"There is no job "webb" in namespace default. Nearest: web. Nothing was changed."`,
    );
  });
});
