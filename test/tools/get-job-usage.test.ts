import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";
import { recorded } from "../support/recorded.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const usage = async (args: Record<string, unknown> = {}) => {
  const { text, isError } = await session.call("get_job_usage", { follow_seconds: 0, ...args });
  expect(isError, text).toBe(false);
  return text;
};

/** A job whose containers use 8 MB and 40 MHz, as the demo has it. */
const container = (id: string, resources: object, group: object = {}, job: object = {}) => {
  const task = { Name: "server", Driver: "docker", Config: { image: "shop/x:1" }, Resources: resources };
  return mockJob(id, {}, { Tasks: [task], ...group }, job);
};

const mb = 1024 ** 2;

/** Has clients answer this about what an allocation uses, one after the other, the last again and again. */
function stats(...answers: readonly (object | Response)[]): () => number {
  const { fetch } = globalThis;
  let asked = 0;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    if (!String(input).includes("/stats")) return await fetch(input, init);
    const answer = answers[Math.min(asked++, answers.length - 1)];
    return answer instanceof Response ? answer.clone() : Response.json(answer);
  });
  return () => asked;
}

/** What a client has measured of the task `server`. */
function figures(memory: object, ticks: number, Timestamp = 1_795_949_700_000_000_000) {
  const usage = { MemoryStats: memory, CpuStats: { TotalTicks: ticks, Measured: ["Percent"] } };
  return { Tasks: { server: { ResourceUsage: usage, Timestamp } }, Timestamp };
}
const rss = (size: number) => ({ RSS: size * mb, Usage: 0, Measured: ["RSS", "Swap"] });

test("all that runs: what asks for far more than it uses first, and what is not measured", async () => {
  await session.register(mockJob("mocked"));
  expect(await usage()).toMatchInlineSnapshot(`
    "1 of 3 running tasks in namespace default asks for far more memory than used at one look: 351 MB idle, 1 not measured

    job       task        running  asks MB  peak MB       asks MHz  peak MHz      idle MB
    web       web/nginx   3        128      11            200       30            351
    checkout  api         2        256      201           300       120
    mocked    api/server  1        16       not measured  20        not measured

    A peak of seconds is no ground to cut memory to it: look under load, and leave room above.
    Looked once at 6 allocations.

    Next: get_job_usage job_id=web follow_seconds=45 while it has work"
  `);
});

test("in every namespace, page by page", async () => {
  const first = await usage({ namespace: "*", limit: 1 });
  expect(first).toMatch(/\ncheckout +default +api +2 +256 +201 /);
  const [, cursor] = /cursor=(\S+) for the jobs after these/.exec(first) ?? [];
  const rest = await usage({ namespace: "*", cursor });
  expect(rest).toMatch(/\nbilling +prod +billing +2 +256 +48 +250 +10 +416\n/);
  expect(rest).toMatch(/Next: get_job_usage job_id=billing follow_seconds=45 namespace=prod while it has work$/);
});

test("one job: the highest of several looks, in one allocation", async () => {
  await session.register(container("shop", { CPU: 100, MemoryMB: 512 }));
  const asked = stats(figures(rss(100), 0), figures(rss(160), 90), figures(rss(120), 40));
  expect(await usage({ job_id: "shop", follow_seconds: 2 })).toMatchInlineSnapshot(`
    "Task server of shop used at most 160 of 512 MB memory in 2s: 352 MB idle

    job   task        running  asks MB  peak MB  asks MHz  peak MHz  idle MB
    shop  api/server  1        512      160      100       90        352

    A peak of seconds is no ground to cut memory to it: look under load, and leave room above.
    Looked 3 times at 1 allocation.

    Next: get_job_usage job_id=shop follow_seconds=45 while it has work"
  `);
  expect(asked()).toBe(3);
});

test("a driver that keeps the highest since the start tells more than a look", async () => {
  await session.register(container("shop", { CPU: 100, MemoryMB: 512 }));
  const kept = { RSS: 90 * mb, Usage: 100 * mb, MaxUsage: 400 * mb, Measured: ["RSS", "Usage", "Max Usage"] };
  stats(figures(kept, 10));
  const text = await usage({ job_id: "shop" });
  expect(text).toMatch(/^Task server of shop used at most 400 of 512 MB memory at one look\n/);
  expect(text).toMatch(/\nshop +api\/server +1 +512 +400 +100 +10\n/);
  expect(text).not.toMatch(/no ground to cut/);
});

test("what is close to its limit is named", async () => {
  await session.register(container("tight", { CPU: 100, MemoryMB: 128 }));
  stats(figures(rss(120), 10));
  expect(await usage({ job_id: "tight" })).toMatch(/\nClose to what they may take, give them more: server of tight\n/);
});

test("clients that collect nothing: said with the cause, after one look", async () => {
  await session.register(container("shop", { CPU: 100, MemoryMB: 512 }));
  const asked = stats(recorded("alloc-actions/stats.json").body as object);
  expect(await usage({ job_id: "shop", follow_seconds: 45 })).toMatchInlineSnapshot(`
    "Memory is not measured of 1 running task of shop: as a rule, telemetry { publish_allocation_metrics = true } is not in the client's configuration

    job   task        running  asks MB  peak MB       asks MHz  peak MHz
    shop  api/server  1        512      not measured  100       not measured

    Looked once at 1 allocation.
    No figures from client-1"
  `);
  expect(asked()).toBe(1);
});

test("what has just started is looked at again although there are no figures yet", async () => {
  await session.register(container("shop", { CPU: 100, MemoryMB: 512 }), 5);
  const asked = stats(recorded("alloc-actions/stats.json").body as object, figures(rss(100), 10));
  expect(await usage({ job_id: "shop", follow_seconds: 1 })).toMatch(
    /\nshop +api\/server +1 +512 +100 +100 +10 +412\n/,
  );
  expect(asked()).toBe(2);
});

test("a node that does not answer is named, and is not asked again", async () => {
  await session.register(container("shop", { CPU: 100, MemoryMB: 512 }, { Count: 2 }));
  const away = new Response("No path to node", { status: 404 });
  const asked = stats(away, figures(rss(100), 10));
  const text = await usage({ job_id: "shop", follow_seconds: 1 });
  expect(text).toMatch(/\nshop +api\/server +2 +512 +100 /);
  expect(text).toMatch(/\nNo answer from client-\d\n/);
  expect(asked()).toBe(3);
});

test("tasks that have ended are none of it: neither what prepares nor what was measured long ago", async () => {
  const tasks = [
    { Name: "server", Driver: "docker", Config: { image: "shop/x:1" }, Resources: { CPU: 20, MemoryMB: 300 } },
    { Name: "init", Driver: "mock_driver", Config: { run_for: "1s" }, Lifecycle: { Hook: "prestart" } },
    { Name: "proxy", Driver: "docker", Config: { image: "p:1" }, Lifecycle: { Hook: "prestart", Sidecar: true } },
  ];
  await session.register(mockJob("parts", {}, { Tasks: tasks }));
  const text = await usage({ job_id: "parts" });
  expect(text).toMatch(/ of 2 running tasks of parts /);
  expect(text).toMatch(/\nparts +api\/proxy /);
  expect(text).not.toMatch(/init/);
  const now = figures(rss(100), 10);
  const old = figures(rss(90), 10, 1_795_949_500_000_000_000).Tasks.server;
  stats({ ...now, Tasks: { ...now.Tasks, proxy: old } });
  expect(await usage({ job_id: "parts" })).toMatch(/\nparts +api\/proxy +1 +\d+ +not measured /);
});

test("a job on every node, and one of many allocations: as many as are needed, and how many that were", async () => {
  await session.register(container("daemon", { CPU: 20, MemoryMB: 200 }, {}, { Type: "system" }));
  await session.register(container("wide", { CPU: 20, MemoryMB: 32 }, { Count: 30 }), 60);
  const all = await usage();
  expect(all).toMatch(/\ndaemon +api\/server +2 +200 +8 /);
  expect(all).toMatch(/\nwide +api\/server +30 +32 +8 /);
  expect(all).toMatch(/\nLooked once at 10 of 37 allocations\.\n/);
  expect(await usage({ job_id: "wide" })).toMatch(/\nLooked once at 10 of 30 allocations\.\n/);
  expect(await usage({ job_id: "daemon" })).toMatch(/\nLooked once at 2 allocations\.\n/);
});

test("children of a job are one row, and it says where to find them", async () => {
  await session.register(container("param", { CPU: 20, MemoryMB: 200 }, {}, { Type: "batch", ParameterizedJob: {} }));
  for (const _ of [1, 2]) await session.nomad("POST", "/v1/job/param/dispatch", {});
  await session.clock.advance(5_000);
  expect(await usage()).toMatch(/\nparam +api\/server +2 +200 +8 /);
  expect(await usage({ job_id: "param" })).toMatchInlineSnapshot(`
    "param runs nothing itself, its children do
    Next: list_nomad_jobs prefix=param/ include_children=true"
  `);
});

test("many groups: forty allocations at most, and what that left out", async () => {
  for (let index = 0; index < 42; index++)
    await session.register(container(`job-${index}`, { CPU: 20, MemoryMB: 16 }), 1);
  await session.clock.advance(10_000);
  const before = session.demo.requests.length;
  const text = await usage({ limit: 100 });
  expect(text).toMatch(/\nLooked once at 40 of \d+ allocations\.\n/);
  expect(text).toMatch(/\n4 groups not looked at: a smaller limit, or job_id, does$/m);
  expect(session.demo.requests.length - before).toBe(42);
});

test("nothing runs", async () => {
  expect(await usage({ job_id: "cache" })).toMatchInlineSnapshot(`
    "No task of cache runs
    Next: get_job_status job_id=cache says why"
  `);
  await fetch(`${session.demo.address}/v1/namespace/quiet`, { method: "PUT", body: '{"Name":"quiet"}' });
  expect(await usage({ namespace: "quiet" })).toMatchInlineSnapshot(`"No task in namespace quiet runs"`);
});
