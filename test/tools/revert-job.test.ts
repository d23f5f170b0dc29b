import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Job } from "../../src/endpoints/job.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function revert(args: Record<string, unknown>) {
  session.changes();
  const { text, isError } = await session.call("revert_job", args);
  return { text: steady(text), isError, changes: session.changes() };
}

const shop = (count: number, env: object, config: object = {}) =>
  mockJob(
    "shop",
    {},
    {
      Count: count,
      Tasks: [{ Name: "server", Driver: "mock_driver", Env: env, Config: { run_for: "1h", ...config } }],
    },
  );
const job = (id: string) => session.nomad<Job>("GET", `/v1/job/${id}`);

describe("a bad update", () => {
  beforeEach(async () => {
    await session.register(shop(1, { LOG_LEVEL: "info", DB_PASSWORD: "Correct-Horse-9" }));
    await session.register(shop(2, { LOG_LEVEL: "debug" }), 40);
    await session.register(shop(2, { LOG_LEVEL: "trace" }, { run_for: "0s", exit_code: 1 }), 1);
  });

  test("goes back to the last stable version", async () => {
    const { text, isError, changes } = await revert({ job_id: "shop" });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "shop reverted to version 1 (the last stable one), which is now version 3 (namespace default); running: 2 of 2 healthy (no check: ran for 10s) after <span>
      Changes:
        group api > task server > env LOG_LEVEL: trace -> debug
        group api > task server > config > exit_code = 1 (removed)
        group api > task server > config > run_for: 0s -> 1h"
    `);
    expect(changes).toEqual(["POST /v1/job/shop/revert?namespace=default"]);
    expect(await job("shop")).toMatchObject({ Version: 3, Stop: false });
  });

  test("goes back to a version by its number", async () => {
    const { text } = await revert({ job_id: "shop", version: 0 });
    expect(text).toMatchInlineSnapshot(`
      "shop reverted to version 0, which is now version 3 (namespace default); running: 1 of 1 healthy (no check: ran for 10s) after <span>
      Changes:
        group api > count: 2 -> 1
        group api > task server > env DB_PASSWORD = [masked] (added)
        group api > task server > env LOG_LEVEL: trace -> info
        group api > task server > config > exit_code = 1 (removed)
        group api > task server > config > run_for: 0s -> 1h"
    `);
    expect(text).not.toContain("Correct-Horse-9");
  });

  test("goes back to a version by its tag, and does not wait", async () => {
    await session.nomad("PUT", "/v1/job/shop/versions/good/tag", { Version: 0 });
    const { text } = await revert({ job_id: "shop", version: "good", wait_seconds: 0 });
    expect(text.replace(/evaluation \w+/, "evaluation <id>")).toMatchInlineSnapshot(`
      "shop reverted to version 0 (tag good), which is now version 3 (namespace default); not followed: evaluation <id>; get_job_status job_id=shop says how it ends
      Changes:
        group api > count: 2 -> 1
        group api > task server > env DB_PASSWORD = [masked] (added)
        group api > task server > env LOG_LEVEL: trace -> info
        group api > task server > config > exit_code = 1 (removed)
        group api > task server > config > run_for: 0s -> 1h"
    `);
  });
});

test("the person who is to consent sees which version, and what changes", async () => {
  await session.close();
  session = await demoSession({ confirm: "ask" });
  await session.register(shop(1, { DB_PASSWORD: "Correct-Horse-9" }));
  await session.register(shop(2, {}));
  const { text, changes } = await revert({ job_id: "shop" });
  expect(changes).toEqual([]);
  expect(
    text.replace(session.demo.address, "<address>").replace(/confirm=\w+/, "confirm=<code>"),
  ).toMatchInlineSnapshot(`
    "Not done yet: revert_job needs the consent of the person.
    Revert shop from version 1 to version 0 (the last stable one)
      job: shop (service, version 1)
      namespace: default
      cluster: <address>
      allocations: 2 run
    Changes:
      group api > count: 2 -> 1
      group api > task server > env DB_PASSWORD = [masked] (added)
    Show this to the person. If they agree, call revert_job again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  const confirm = /confirm=(\w+)/.exec(text)?.[1];
  expect((await revert({ job_id: "shop", confirm })).text).toMatch(
    /^shop reverted to version 0 \(the last stable one\)/,
  );
});

test("a stopped job starts again with the version that is named", async () => {
  await session.register(shop(1, {}));
  await session.nomad("DELETE", "/v1/job/shop");
  const { text } = await revert({ job_id: "shop", version: 0 });
  expect(text).toMatchInlineSnapshot(`
    "shop reverted to version 0, which is now version 2 (namespace default); running: 1 of 1 healthy (no check: ran for 10s) after <span>
    It was stopped, and this started it again.
    Changes:
      stop: true -> false"
  `);
});

describe("refused, and nothing is sent", () => {
  async function refused(args: Record<string, unknown>) {
    const { text, isError, changes } = await revert(args);
    expect(isError).toBe(true);
    expect(changes).toEqual([]);
    return text;
  }

  test("a job that has one version only", async () => {
    expect(await refused({ job_id: "web" })).toMatchInlineSnapshot(
      `"web: version 0 is the only one that Nomad keeps. Nothing was changed."`,
    );
  });

  test("the current version, and one that is not there", async () => {
    await session.register(shop(1, {}));
    await session.register(shop(2, {}));
    expect(await refused({ job_id: "shop", version: 1 })).toMatchInlineSnapshot(
      `"Version 1 of shop is the current one: Nomad keeps 0 beside it. Nothing was changed."`,
    );
    expect(await refused({ job_id: "shop", version: "best" })).toMatchInlineSnapshot(
      `"There is no version "best" of shop: Nomad keeps 1 and 0. Nothing was changed."`,
    );
  });

  test("no older version was ever stable", async () => {
    await session.register(shop(1, {}, { run_for: "0s", exit_code: 1 }), 1);
    await session.register(shop(2, {}, { run_for: "0s", exit_code: 1 }), 1);
    expect(await refused({ job_id: "shop" })).toMatchInlineSnapshot(
      `"shop: no version below 1 was stable. A version to go back to has to be named: Nomad keeps 0. Nothing was changed."`,
    );
  });

  test("a version that is as the current one", async () => {
    await session.register(shop(1, {}));
    await session.register(shop(2, {}));
    await session.register(shop(1, {}));
    expect(await refused({ job_id: "shop", version: 0 })).toMatchInlineSnapshot(
      `"Version 0 of shop is the same as the current version 2: there is nothing to go back to. Nothing was changed."`,
    );
  });

  test("a stopped job without a version, and a stopped version", async () => {
    await session.register(shop(1, {}));
    await session.nomad("DELETE", "/v1/job/shop");
    expect(await refused({ job_id: "shop" })).toMatchInlineSnapshot(`
      "shop is stopped. Nothing was changed.
      Next: start_job job_id=shop starts it as it was; a version to go back to has to be named"
    `);
    await session.register(shop(2, {}));
    expect(await refused({ job_id: "shop", version: 1 })).toMatchInlineSnapshot(`
      "Version 1 of shop is a stopped one. Nothing was changed.
      Next: stop_job job_id=shop stops the job"
    `);
  });

  test("somebody else changes the job at the very moment", async () => {
    await session.close();
    const { fetch } = globalThis;
    // Whatever is sent to the route comes after another change of the job.
    const sending = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (!String(input instanceof Request ? input.url : input).includes("/revert?")) return await fetch(input, init);
      sending.mockRestore();
      await session.register(shop(3, {}));
      return await fetch(input, init);
    });
    session = await demoSession();
    await session.register(shop(1, {}));
    await session.register(shop(2, {}));
    const { text, isError } = await session.call("revert_job", { job_id: "shop" });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"Somebody else changed shop at this very moment. Nothing was reverted: call again."`,
    );
    expect(await job("shop")).toMatchObject({ Version: 2 });
  });

  test("an unknown job, and one of another namespace", async () => {
    expect(await refused({ job_id: "wbe" })).toMatchInlineSnapshot(
      `"There is no job "wbe" in namespace default. Nearest: web. Nothing was changed."`,
    );
    expect(await refused({ job_id: "billing", version: 0 })).toMatchInlineSnapshot(
      `"Job billing is not in namespace default, but in 1 namespace: prod. Name it with namespace=. Nothing was changed."`,
    );
  });
});
