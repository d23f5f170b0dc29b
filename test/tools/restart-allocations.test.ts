import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AllocationStub } from "../../src/endpoints/allocations.ts";
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

async function restart(args: Record<string, unknown>) {
  const { text, isError } = await session.call("restart_allocations", args);
  return { text: told(text), isError, cursor: /cursor=(\S+)/.exec(text)?.[1] };
}
const told = (text: string) =>
  steady(text)
    .replaceAll(/cursor=\S+/g, "cursor=<cursor>")
    .replaceAll(/\b[0-9a-f]{8}\b/g, "<id>");

const running = async (filter: string) =>
  await session.nomad<AllocationStub[]>(
    "GET",
    `/v1/allocations?filter=${encodeURIComponent(`${filter} and ClientStatus == "running"`)}`,
  );
/** How often each has been restarted, by the name of its allocation. */
const restarts = async (filter: string) =>
  Object.fromEntries(
    (await running(filter)).map(({ Name, TaskStates }) => [
      Name,
      Math.max(...Object.values(TaskStates ?? {}).map((state) => state.Restarts)),
    ]),
  );
const sent = () => session.changes().filter((request) => /^PUT .*\/restart\?/.test(request)).length;

const check = { Checks: [{ Name: "alive", Type: "http", Path: "/health", Interval: 1e9, Timeout: 1e9 }] };
/** A job whose check asks a port on which the mock driver does not listen. */
const ill = (id: string, count = 1) =>
  mockJob(
    id,
    {},
    {
      Count: count,
      Networks: [{ DynamicPorts: [{ Label: "http" }] }],
      Services: [{ Name: `${id}-http`, Provider: "nomad", PortLabel: "http", ...check }],
    },
  );

describe("what runs on a node", () => {
  test("each allocation once, of all jobs there, and of no other node", async () => {
    await session.register(mockJob("more", {}, { Count: 4 }));
    const before = await running('NodeName == "client-1"');
    const { text, isError } = await restart({ node: "client-1", batch_size: 5 });
    expect(isError, text).toBe(false);
    expect(text).toMatch(
      new RegExp(
        `^what runs on client-1 restarted \\(namespace default\\); ${before.length} of ${before.length} allocations in <span>$`,
      ),
    );
    expect(sent()).toBe(before.length);
    expect(Object.values(await restarts('NodeName == "client-1"')).every((count) => count === 1)).toBe(true);
    expect(Object.values(await restarts('NodeName == "client-2" and JobID == "more"'))).not.toContain(1);
  });

  test("one task, of the allocations that have it", async () => {
    const { text } = await restart({ node: "client-1", task: "nginx" });
    expect(text).toMatch(/^what runs of task nginx on client-1 restarted .*; 2 of 2 allocations in /);
    expect(sent()).toBe(2);
  });
});

describe("what is unhealthy", () => {
  test("by a check that fails: that alone is restarted", async () => {
    await session.register(ill("shop", 2));
    await session.register(mockJob("well"));
    const { text } = await restart({ job_id: "shop", only_unhealthy: true });
    expect(text).toMatchInlineSnapshot(
      `"what is unhealthy of shop restarted (namespace default); 2 of 2 allocations in <span>"`,
    );
    expect(sent()).toBe(2);
    const { text: refused, isError } = await restart({ job_id: "well", only_unhealthy: true });
    expect(isError).toBe(true);
    expect(refused).toMatchInlineSnapshot(
      `"Nothing is unhealthy of well in namespace default (1 runs, with no check that fails). Nothing was restarted."`,
    );
    expect(sent()).toBe(0);
  });

  test("on a node: of all jobs there", async () => {
    await session.register(ill("shop", 3));
    const there = await running('NodeName == "client-1" and JobID == "shop"');
    await restart({ node: "client-1", only_unhealthy: true });
    expect(there.length).toBeGreaterThan(0);
    expect(sent()).toBe(there.length);
  });
});

test("the cursor goes on: each is sent one restart, whether its end was seen or not", async () => {
  const first = await restart({ job_id: "web", wait_seconds: 0 });
  expect(first.text).toMatchInlineSnapshot(`
    "what runs of web restarted in part (namespace default); 1 of 3 allocations in <span>, 2 to go
    Sent, not confirmed: web[2] (<id> on client-1): the time was over before it ran again
    Next: restart_allocations job_id=web cursor=<cursor> goes on with the other 2"
  `);
  expect(sent()).toBe(1);
  const second = await restart({ job_id: "web", wait_seconds: 0, cursor: first.cursor });
  expect(sent()).toBe(1);
  const third = await restart({ job_id: "web", cursor: second.cursor });
  expect(sent()).toBe(1);
  expect(third.text).toMatch(/^what runs of web restarted \(namespace default\); 3 of 3 allocations in /);
  await session.clock.advance(5_000);
  expect(Object.values(await restarts('JobID == "web"'))).toEqual([1, 1, 1]);
  const { text, isError } = await restart({ job_id: "web", group: "web", cursor: second.cursor });
  expect([isError, text]).toEqual([true, expect.stringContaining("The cursor is of another restart")]);
});

test("the first that does not come back stops it, with the step that shows why", async () => {
  const once = { RestartPolicy: { Attempts: 0, Interval: 60e9, Delay: 1e9, Mode: "fail" } };
  await session.register(mockJob("frail", {}, { Count: 3, ...once }));
  between("/restart", async (send) => {
    const answer = await send();
    const [first] = await running('JobID == "frail"');
    // What a restart breaks shows at its start.
    await session.nomad("PUT", `/v1/allocation/${first?.ID}/stop`, {});
    return answer;
  });
  const { text } = await restart({ job_id: "frail" });
  expect(text).toMatch(/^what runs of frail restart stopped at 1 of 3 allocations \(namespace default\); /);
  expect(text).toMatch(
    /\nNext: get_allocation_status allocation_id=<id> says how it is, or once that is fixed: restart_all/,
  );
  expect(sent()).toBe(1);
});

test("its answer is lost: sent once, and not confirmed", async () => {
  between("/restart", lost);
  const { text } = await restart({ job_id: "web", wait_seconds: 5 });
  expect(text).toMatch(/^what runs of web restarted in part \(namespace default\); 1 of 3 allocations in /);
  expect(text).toMatch(/\nSent, not confirmed: web\[\d\] \(<id> on client-\d\): .*may have happened/);
  expect(sent()).toBe(1);
});

test("before it is done a person sees the node, the job and the allocations", async () => {
  const asking = await demoSession({ confirm: "ask" });
  try {
    const { text } = await asking.call("restart_allocations", { node: "client-1", job_id: "web" });
    expect(
      told(text)
        .replaceAll(asking.demo.address, "<address>")
        .replace(/confirm=\w+/, "confirm=<code>"),
    ).toMatchInlineSnapshot(`
      "Not done yet: restart_allocations needs the consent of the person.
      Restart what runs of web on client-1, one batch after the other
        node: client-1 (ready)
        job: web
        namespace: default
        cluster: <address>
        allocations: web[2] (<id> on client-1) and web[0] (<id> on client-1)
      Show this to the person. If they agree, call restart_allocations again with the same arguments and confirm=<code> (once, within 5 minutes)."
    `);
    expect(asking.changes()).toEqual([]);
  } finally {
    await asking.close();
  }
});

test.each<[Record<string, unknown>, string]>([
  [{}, "Give a node or a job_id: it says which allocations are restarted. Nothing was restarted."],
  [{ job_id: "cache" }, "Nothing runs of cache in namespace default. Nothing was restarted."],
  [{ job_id: "web", group: "nope" }, "web has no group nope: it has web. Nothing was restarted."],
  [{ node: "client-9" }, 'There is no node "client-9". Nearest: '],
  [
    { node: "client-1", task: 'a"b' },
    'Task a"b cannot be looked for by its name: leave it out. Nothing was restarted.',
  ],
])("%j is refused with what to do, and nothing is sent", async (args, words) => {
  const { text, isError } = await restart(args);
  expect([isError, text]).toEqual([true, expect.stringContaining(words)]);
  expect(sent()).toBe(0);
});
