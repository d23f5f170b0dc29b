import { afterEach, beforeEach, expect, test } from "vitest";
import { neverRescheduled, noRestart } from "../../../contract/support/jobs.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../../../support/demo-session.ts";
import { denied, front } from "../../../support/front.ts";
import { openSession } from "../../../support/session.ts";

const update = { MaxParallel: 1, MinHealthyTime: 1e9, HealthyDeadline: 5e9, ProgressDeadline: 10e9 };
let session: DemoSession;

beforeEach(async () => {
  session = await demoSession();
  // One of its two groups is given up: the job itself goes on.
  const group = (Name: string, Config: object) => ({
    ...{ Name, Count: 1, ...noRestart, ...neverRescheduled, Update: { MaxParallel: 0 } },
    Tasks: [{ Name: "server", Driver: "mock_driver", Config, Resources: { CPU: 20, MemoryMB: 16 } }],
  });
  const TaskGroups = [group("api", { run_for: "1h" }), group("queue", { run_for: "1s", exit_code: 1 })];
  await session.register({ ...mockJob("short"), TaskGroups, Name: "the short one" });
  await session.register(mockJob("stuck", {}, { Count: 2, Update: update }));
  await session.register(mockJob("stuck", { start_block_for: "20m" }, { Count: 2, Update: update }), 30);
});
afterEach(() => session.close());

/** A job of some hours ago is a minute older where the test crosses one. */
const list = async (args: object = {}) =>
  steady((await session.call("list_nomad_jobs", { ...args })).text).replaceAll(/(\d+h)1m$/gm, "$1");

test("a row says how many of how many run, a failed deployment, and a name that is not the id", async () => {
  const told = session.demo.requests.length;
  expect(await list()).toMatchInlineSnapshot(`
    "7 jobs in namespace default

    job                         type     state                                  running  starting  queued  failures  age
    checkout                    service  worker: starting again after failures  2 of 3   1         0       7         1d2h
    ml-train                    batch    not placed                             0        0         1       0         5h
    short (name the short one)  service  queue: nothing running, all failed     1 of 2   0         0       1         1m
    stuck                       service  its deployment failed                  1 of 2   1         0       0         30s
    cache                       service  stopped                                0        0         0       0         6h
    nightly-report              batch    periodic, 1 child: 1 ended             0        0         0       0         21h
    web                         service  running                                3 of 3   0         0       0         3d"
  `);
  expect(session.demo.requests.length - told).toBe(2);
});

test("those in trouble are those that find_problems tells", async () => {
  expect(await list({ only_trouble: true })).toMatchInlineSnapshot(`
    "4 of 6 jobs in trouble in namespace default

    job                         type     state                                                                          running  starting  queued  failures  age
    short (name the short one)  service  partly failed: a task exits with code 1                                        1 of 2   0         0       1         1m
    checkout                    service  crash looping: a task exits with code 1                                        2 of 3   1         0       7         1d2h
    stuck                       service  the deployment failed (progress deadline), 0 of 2 healthy                      1 of 2   1         0       0         30s
    ml-train                    batch    never placed, memory is short; a driver that it needs is missing or unhealthy  0        0         1       0         5h"
  `);
});

test("without the right to read jobs the rows say less", async () => {
  const before = await front(session.demo.address, ({ pathname }) => (pathname === "/v1/jobs" ? undefined : denied));
  const other = await openSession({ address: before.address });
  expect((await other.call("list_nomad_jobs")).text).toMatch(
    /^7 jobs in namespace default\n[\s\S]*\nweb .* running +3 +0 /,
  );
  expect((await other.call("list_nomad_jobs", { only_trouble: true })).text).toMatch(
    /\nNot seen: allocations, evaluations, deployments \(the token needs read-job\); nodes /,
  );
  await other.close();
  await before.stop();
});
