import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Job } from "../../src/endpoints/job.ts";
import { type DemoSession, demoSession, mockJob, steady } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(() => session.close());

async function scale(args: Record<string, unknown>) {
  session.changes();
  const { text, isError } = await session.call("scale_job", args);
  return { text: steady(text), isError, changes: session.changes() };
}

const count = async (id: string) => (await session.nomad<Job>("GET", `/v1/job/${id}`)).TaskGroups?.[0]?.Count;

describe("a count", () => {
  test("goes up, and the new allocations are followed", async () => {
    const { text, changes } = await scale({ job_id: "web", count: 5 });
    expect(text).toMatchInlineSnapshot(
      `
      "web scaled: group web 3 -> 5, now version 1 (namespace default); running: 5 of 5 healthy (no check: ran for 10s) after <span>
      Ports: http 10.0.1.11:22124 (80 inside), http 10.0.1.11:31488 (80 inside), http 10.0.1.12:21982 (80 inside) and http 10.0.1.12:27380 (80 inside)"
    `,
    );
    expect(changes).toEqual(["POST /v1/job/web/scale?namespace=default"]);
    expect(await count("web")).toBe(5);
  });

  test("goes down, to nothing", async () => {
    expect((await scale({ job_id: "web", count: 1 })).text).toMatchInlineSnapshot(
      `
      "web scaled: group web 3 -> 1, now version 1 (namespace default); running: 1 of 1 healthy after <span>
      Ports: http 10.0.1.11:31488 (80 inside)"
    `,
    );
    await session.clock.advance(15_000);
    expect((await scale({ job_id: "web", count: 0 })).text).toMatchInlineSnapshot(
      `"web scaled: group web 1 -> 0, now version 2 (namespace default); scaled to 0: nothing of it should run"`,
    );
  });

  test("that the cluster has no room for", async () => {
    await session.register(
      mockJob(
        "big",
        {},
        {
          Tasks: [
            {
              Name: "server",
              Driver: "mock_driver",
              Config: { run_for: "1h" },
              Resources: { CPU: 2500, MemoryMB: 64 },
            },
          ],
        },
      ),
    );
    expect((await scale({ job_id: "big", count: 9 })).text).toMatchInlineSnapshot(`
      "big scaled: group api 1 -> 9, now version 1 (namespace default); degraded: 1 of 9 running, 2 starting, 6 not placed
      Why: 6 allocations: no node has 2,500 MHz of CPU free for task server: client-3 has 1,500 of 4,000 MHz free, client-2 750 of 4,000 and client-1 350 of 4,000, most of it taken by itself (7,500 MHz)
      Next: ask for less CPU, or add a node"
    `);
  });

  test("that it has already: nothing is sent", async () => {
    const { text, isError, changes } = await scale({ job_id: "web", count: 3 });
    expect(isError).toBe(false);
    expect(text).toMatchInlineSnapshot(`
      "web has count 3 in group web already (namespace default), so nothing was scaled
      running: 3 of 3 healthy, version 0 submitted <age>"
    `);
    expect(changes).toEqual([]);
  });

  test("is not waited for", async () => {
    const { text } = await scale({ job_id: "web", count: 4, wait_seconds: 0 });
    expect(text.replace(/evaluation \w+/, "evaluation <id>")).toMatchInlineSnapshot(
      `"web scaled: group web 3 -> 4, now version 1 (namespace default); not followed: evaluation <id>; get_job_status job_id=web says how it ends"`,
    );
  });

  test("of a stopped job, which stays stopped", async () => {
    expect((await scale({ job_id: "cache", count: 4 })).text).toMatchInlineSnapshot(`
      "cache scaled: group cache 1 -> 4, now version 2 (namespace default); stopped <age>: nothing of it runs
      It is stopped and stays so: start_job job_id=cache starts it with this count.
      Next: start_job job_id=cache"
    `);
    expect(await count("cache")).toBe(4);
  });

  test("of a periodic job, for what it launches from now on", async () => {
    const periodic = { Enabled: true, SpecType: "cron", Spec: "0 3 * * *", ProhibitOverlap: false };
    await session.register(mockJob("nightly", {}, {}, { Type: "batch", Periodic: periodic }));
    const { text } = await scale({ job_id: "nightly", count: 2 });
    expect(text.replace(/in \S+ \([^)]*\)/, "in <time>")).toMatchInlineSnapshot(`
      "nightly scaled: group api 1 -> 2, now version 1 (namespace default); registered: next launch in <time>, cron "0 3 * * *" UTC; no run is kept, version 1
      Jobs that it starts from now on have this count; those that run keep theirs."
    `);
  });

  test("that an autoscaler may change again", async () => {
    await session.register(mockJob("auto", {}, { Scaling: { Min: 1, Max: 4, Enabled: true } }));
    expect((await scale({ job_id: "auto", count: 2 })).text).toMatchInlineSnapshot(`
      "auto scaled: group api 1 -> 2, now version 1 (namespace default); running: 2 of 2 healthy (no check: ran for 10s) after <span>
      Its scaling block is enabled: an autoscaler that heeds it may change the count again."
    `);
  });

  test("of one of several groups", async () => {
    expect((await scale({ job_id: "checkout", group: "api", count: 3 })).text.split("\n")[0]).toMatchInlineSnapshot(
      `"checkout scaled: group api 2 -> 3, now version 1 (namespace default); still crash looping after <span>: 1 of 4, 3 running; get_job_status job_id=checkout says how it ends"`,
    );
  });
});

test("the person who is to consent sees from which count to which", async () => {
  await session.close();
  session = await demoSession({ confirm: "ask" });
  const { text, changes } = await scale({ job_id: "web", count: 1 });
  expect(changes).toEqual([]);
  expect(
    text.replace(session.demo.address, "<address>").replace(/confirm=\w+/, "confirm=<code>"),
  ).toMatchInlineSnapshot(`
    "Not done yet: scale_job needs the consent of the person.
    Scale group web of web: 3 -> 1
      job: web (service, version 0)
      namespace: default
      cluster: <address>
      allocations: 3 run
    Show this to the person. If they agree, call scale_job again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
});

describe("refused", () => {
  async function refused(args: Record<string, unknown>) {
    const { text, isError, changes } = await scale(args);
    expect(isError).toBe(true);
    return { text, changes };
  }

  test("while a deployment goes on", async () => {
    await session.register(mockJob("slow", {}, { Update: { MaxParallel: 1, MinHealthyTime: 60e9 } }), 1);
    const { text } = await refused({ job_id: "slow", count: 2 });
    expect(text.replaceAll(/\b[0-9a-f]{8}\b/g, "<id>")).toMatchInlineSnapshot(`
      "Nomad scales nothing while a deployment goes on: <id> of version 0 of slow is running (api 0 of 1 healthy). Nothing was changed.
      Next: get_job_status job_id=slow says how it ends, then call again; or fail_deployment deployment_id=<id> ends it"
    `);
    expect(await count("slow")).toBe(1);
  });

  test("outside the bounds of the scaling block", async () => {
    await session.register(mockJob("bound", {}, { Scaling: { Min: 1, Max: 4, Enabled: true } }));
    const { text, changes } = await refused({ job_id: "bound", count: 9 });
    expect(text).toMatchInlineSnapshot(
      `"The scaling block of group api of bound allows 1 to 4, not 9: other bounds need a changed job file. Nothing was changed."`,
    );
    expect(changes).toEqual([]);
  });

  test("more than the servers are configured for", async () => {
    const { text } = await refused({ job_id: "web", count: 60_000 });
    expect(text).toMatchInlineSnapshot(
      `"The cluster does not allow it: total count was greater than configured job_max_count: 60000 > 50000. Nothing was changed."`,
    );
    expect(await count("web")).toBe(3);
  });

  test("a system job beyond one on each node", async () => {
    await session.register(mockJob("agent", {}, {}, { Type: "system" }));
    const { text, changes } = await refused({ job_id: "agent", count: 2 });
    expect(text).toMatchInlineSnapshot(
      `"agent is a system job: it runs once on every node that fits, so its count is 1, or 0 for none. Nothing was changed."`,
    );
    expect(changes).toEqual([]);
  });

  test("without a group where there are several, and an unknown group", async () => {
    const { text, changes } = await refused({ job_id: "checkout", count: 2 });
    expect(text).toMatchInlineSnapshot(
      `"checkout has 2 groups, api (count 2) and worker (count 1): say which with group=. Nothing was changed."`,
    );
    expect(changes).toEqual([]);
    expect((await refused({ job_id: "checkout", group: "web", count: 2 })).text).toMatchInlineSnapshot(
      `"checkout has no group web: it has api (count 2) and worker (count 1). Nothing was changed."`,
    );
  });

  test("somebody else changes the job at the very moment", async () => {
    await session.close();
    const { fetch } = globalThis;
    // Whatever is sent to the route comes after another change of the job.
    const sending = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (!String(input instanceof Request ? input.url : input).includes("/scale?")) return await fetch(input, init);
      sending.mockRestore();
      await session.register(mockJob("shop", {}, { Count: 3 }));
      return await fetch(input, init);
    });
    session = await demoSession();
    await session.register(mockJob("shop"));
    await session.register(mockJob("shop", {}, { Count: 2 }));
    const { text, isError } = await session.call("scale_job", { job_id: "shop", count: 5 });
    expect(isError).toBe(true);
    expect(text).toMatchInlineSnapshot(
      `"Somebody else changed shop at this very moment. Nothing was scaled: call again."`,
    );
    expect(await count("shop")).toBe(3);
  });

  test("a negative count, an unknown job, and one of another namespace", async () => {
    expect((await refused({ job_id: "web", count: -1 })).text).toMatchInlineSnapshot(
      `"scale_job: count: Too small: expected number to be >=0."`,
    );
    expect((await refused({ job_id: "wbe", count: 2 })).text).toMatchInlineSnapshot(
      `"There is no job "wbe" in namespace default. Nearest: web. Nothing was changed."`,
    );
    expect((await refused({ job_id: "billing", count: 2 })).text).toMatchInlineSnapshot(
      `"Job billing is not in namespace default, but in 1 namespace: prod. Name it with namespace=. Nothing was changed."`,
    );
  });
});
