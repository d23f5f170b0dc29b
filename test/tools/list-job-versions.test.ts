import { afterEach, beforeEach, expect, test } from "vitest";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function versions(args: Record<string, unknown>) {
  const { text, isError } = await session.call("list_job_versions", args);
  return { text: steady(text), isError };
}

const shop = (count: number, task: object) =>
  mockJob(
    "shop",
    {},
    { Count: count, Tasks: [{ Name: "server", Driver: "mock_driver", Config: { run_for: "1h" }, ...task }] },
  );

test("what changed from one to the next, which was stable, what has a tag", async () => {
  await session.register(shop(1, { Env: { LOG_LEVEL: "info" } }));
  await session.register(shop(3, { Env: { LOG_LEVEL: "info", DB_PASSWORD: "Correct-Horse-9" } }));
  await session.nomad("PUT", "/v1/job/shop/versions/good/tag", { Version: 1, Description: "before the sale" });
  await session.register(shop(3, { Env: { LOG_LEVEL: "debug" }, Config: { run_for: "0s", exit_code: 1 } }), 1);
  const { text } = await versions({ job_id: "shop" });
  expect(text).toMatchInlineSnapshot(`
    "shop: 3 versions kept (namespace default)
    version 2, <age>, current, deployment running
      group api > task server > env DB_PASSWORD = [masked] (removed)
      group api > task server > env LOG_LEVEL: info -> debug
      group api > task server > config > exit_code = 1 (added)
      group api > task server > config > run_for: 1h -> 0s
    version 1, <age>, 2 running, deployment cancelled (newer version of job), tag good (before the sale)
      group api > count: 1 -> 3
      group api > task server > env DB_PASSWORD = [masked] (added)
    version 0, <age>, stable"
  `);
  expect(text).not.toContain("Correct-Horse-9");
});

test("a failed update: what it changed, and the way back", async () => {
  await session.register(shop(1, {}));
  const restart = { RestartPolicy: { Attempts: 0, Mode: "fail" }, ReschedulePolicy: { Attempts: 0, Unlimited: false } };
  const Tasks = [{ Name: "server", Driver: "mock_driver", Config: { start_error: "no such image" } }];
  await session.register(mockJob("shop", {}, { ...restart, Tasks }));
  expect((await versions({ job_id: "shop" })).text).toMatchInlineSnapshot(`
    "shop: 2 versions kept (namespace default)
    version 1, <age>, current, deployment failed (unhealthy allocations)
      group api > restart > attempts: 2 -> 0
      group api > reschedule > unlimited: true -> false
      group api > task server > config > run_for = 1h (removed)
      group api > task server > config > start_error = no such image (added)
    version 0, <age>, stable
    Next: revert_job job_id=shop version=0 goes back to the last stable one"
  `);
});

test("who scaled it, as far as the event says", async () => {
  await session.register(shop(1, {}));
  const body = { Count: 3, Target: { Group: "api" }, Message: "Black Friday" };
  await session.nomad("POST", "/v1/job/shop/scale", body);
  await session.clock.advance(60_000);
  expect((await session.call("scale_job", { job_id: "shop", count: 2 })).isError).toBe(false);
  expect((await versions({ job_id: "shop" })).text).toMatchInlineSnapshot(`
    "shop: 3 versions kept (namespace default)
    version 2, <age>, current, stable, 2 running
      group api > count: 3 -> 2
      group api scaled 3 -> 2: submitted using nomad-mcp
    version 1, <age>, stable
      group api > count: 1 -> 3
      group api scaled 1 -> 3: Black Friday
    version 0, <age>, stable"
  `);
});

test("a stop and a start", async () => {
  await session.nomad("DELETE", "/v1/job/web");
  await session.call("start_job", { job_id: "web" });
  expect((await versions({ job_id: "web", limit: 2 })).text).toMatchInlineSnapshot(`
    "web: 3 versions kept (namespace default)
    version 2, <age>, current, stable, 3 running
      stop: true -> false
    version 1, <age>, stopped
      stop: false -> true
    1 older: list_job_versions job_id=web limit=3"
  `);
});

test("one that is kept for its tag has no neighbour", async () => {
  await session.register(shop(1, {}));
  await session.nomad("PUT", "/v1/job/shop/versions/first/tag", { Version: 0 });
  for (let count = 2; count <= 9; count++) await session.register(shop(count, {}));
  expect((await versions({ job_id: "shop", limit: 50 })).text).toMatchInlineSnapshot(`
    "shop: 7 versions kept (namespace default)
    version 8, <age>, current, stable, 9 running
      group api > count: 8 -> 9
    version 7, <age>, stable
      group api > count: 7 -> 8
    version 6, <age>, stable
      group api > count: 6 -> 7
    version 5, <age>, stable
      group api > count: 5 -> 6
    version 4, <age>, stable
      group api > count: 4 -> 5
    version 3, <age>, stable
      against version 0:
      group api > count: 1 -> 4
    version 0, <age>, stable, tag first"
  `);
});

test("of a job in another namespace; of one that is unknown", async () => {
  expect((await versions({ job_id: "billing" })).text).toMatchInlineSnapshot(`
    "(billing is in namespace prod, not in default)
    billing: 1 version kept (namespace prod)
    version 0, <age>, current, stable, 2 running"
  `);
  const { text, isError } = await versions({ job_id: "nosuch" });
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"There is no job "nosuch" in namespace default. If there was one, Nomad has deleted it since it ended (after job_gc_threshold, usually 4h, or by a collection of garbage). list_nomad_jobs shows what there is."`,
  );
});
