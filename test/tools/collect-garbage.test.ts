import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { between, lost } from "../support/between.ts";
import { type DemoSession, demoSession, mockJob } from "../support/demo-session.ts";

let session: DemoSession;
beforeEach(async () => {
  session = await demoSession();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const ids = async () => (await session.nomad<{ ID: string }[]>("GET", "/v1/jobs?namespace=*")).map(({ ID }) => ID);

/** Jobs that are dead: one that was stopped, one that has ended; and a service that failed, which stays. */
async function dead(): Promise<void> {
  await session.register(mockJob("stopped"));
  await session.nomad("DELETE", "/v1/job/stopped");
  await session.register(mockJob("ended", { run_for: "1s" }, {}, { Type: "batch" }));
  const never = {
    RestartPolicy: { Attempts: 0, Interval: 300e9, Delay: 1e9, Mode: "fail" },
    ReschedulePolicy: { Attempts: 0, Unlimited: false },
  };
  await session.register(mockJob("failed", { run_for: "1s", exit_code: 1 }, never));
  session.changes();
}

test("dead jobs are deleted, in all namespaces; what runs stays, and what failed and nobody stopped", async () => {
  await dead();
  const before = await ids();
  const { text, isError } = await session.call("collect_garbage");
  expect(isError).toBe(false);
  expect(text).toMatchInlineSnapshot(`"Garbage collected in the whole cluster; 4 of 4 dead jobs are deleted"`);
  const after = await ids();
  expect(before.filter((id) => !after.includes(id)).toSorted()).toMatchInlineSnapshot(`
    [
      "cache",
      "ended",
      "nightly-report/periodic-1795140000",
      "stopped",
    ]
  `);
  expect(after).toContain("web");
  expect(after).toContain("failed");
  expect(session.changes()).toEqual(["PUT /v1/system/gc?namespace=default"]);

  expect((await session.call("collect_garbage")).text).toMatchInlineSnapshot(
    `"Garbage collected in the whole cluster; there was no dead job"`,
  );
});

test("a node that is down and empty is forgotten", async () => {
  session.demo.setNodeStatus("client-3", "down");
  await session.clock.advance(60_000);
  const { text } = await session.call("collect_garbage");
  expect(text).toMatchInlineSnapshot(`
    "Garbage collected in the whole cluster; 2 of 2 dead jobs are deleted
    1 down node is forgotten"
  `);
  const known = (await session.nomad<{ Name: string }[]>("GET", "/v1/nodes")).map(({ Name }) => Name);
  expect(known.toSorted()).toMatchInlineSnapshot(`
    [
      "client-1",
      "client-2",
    ]
  `);
});

test("what is left is told, with why it may be", async () => {
  await dead();
  between("/system/gc", async () => new Response(""));
  const { text } = await session.call("collect_garbage", { wait_seconds: 1 });
  expect(text).toMatchInlineSnapshot(`
    "Garbage collected in the whole cluster; 0 of 4 dead jobs are deleted
    Still there: cache, ended, nightly-report/periodic-1795140000 and stopped: the servers are not through, something of them has not ended, or a version of them has a tag
    Next: list_nomad_jobs namespace=* shows what there is"
  `);
});

test("the question says what goes", async () => {
  const asking = await demoSession({ confirm: "ask" });
  const { text } = await asking.call("collect_garbage");
  expect(
    text.replace(asking.demo.address, "<address>").replace(/confirm=\S+/, "confirm=<code>"),
  ).toMatchInlineSnapshot(`
    "Not done yet: collect_garbage needs the consent of the person.
    Delete what has ended, whatever its age, in all namespaces
      dead jobs: cache and nightly-report/periodic-1795140000, with their versions, allocations and logs
      down nodes: none
      evaluations: 25 that are over, with the allocations that ended; those that hold what runs stay
      cluster: <address>
    Show this to the person. If they agree, call collect_garbage again with the same arguments and confirm=<code> (once, within 5 minutes)."
  `);
  await asking.close();
});

test("refused where this server may touch some namespaces only", async () => {
  const limited = await demoSession({ namespaces: ["default"] });
  const { text, isError } = await limited.call("collect_garbage");
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(
    `"Garbage is collected in all namespaces at once, and this server may touch only some. Nothing was changed."`,
  );
  expect(limited.changes()).toEqual([]);
  await limited.close();
});

test("its answer is lost: sent once, it may have happened, and what is there since", async () => {
  await dead();
  between("/system/gc", lost);
  const { text, isError } = await session.call("collect_garbage");
  expect(isError).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "PUT /v1/system/gc may have happened: its answer was lost (fetch failed)
    Looked at since: 0 of 4 dead jobs are still there.
    Next: list_nomad_jobs namespace=* says how it is"
  `);
  expect(session.changes()).toHaveLength(1);
});
