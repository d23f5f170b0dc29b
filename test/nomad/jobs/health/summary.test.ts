import { describe, expect, test } from "vitest";
import type { GroupSummary, JobStub } from "../../../../src/endpoints/jobs.ts";
import { rowState } from "../../../../src/nomad/jobs/health/summary.ts";
import { recorded } from "../../../support/recorded.ts";

const rows = recorded<JobStub[]>("lists/jobs.json").body;

/** A recorded row with other counts of its groups. */
function row(id: string, groups: Record<string, Partial<GroupSummary>>, more: Partial<JobStub> = {}): JobStub {
  const found = rows.find(({ ID }) => ID === id);
  if (found?.JobSummary == null) throw new Error(`no row ${id}`);
  const none = { Queued: 0, Complete: 0, Failed: 0, Running: 0, Starting: 0, Lost: 0, Unknown: 0 };
  const Summary = Object.fromEntries(Object.entries(groups).map(([name, counts]) => [name, { ...none, ...counts }]));
  return { ...found, ...more, JobSummary: { ...found.JobSummary, Summary } };
}

test("the rows of a real cluster", () => {
  const told = rows.map((job) => `${job.ID}: ${rowState(job).state} (${rowState(job).trouble})`);
  expect(told).toMatchInlineSnapshot(`
    [
      "agent-log: running (0)",
      "autorevert: dead, all failed (2)",
      "batch-fail: failed (2)",
      "batch-ok: finished (0)",
      "canary: running (0)",
      "crash-loop: running, has failed before (1)",
      "multi: running (0)",
      "nightly: stopped (0)",
      "nightly/periodic-1795204142: finished (0)",
      "no-driver: not placed (2)",
      "oom: dead, all failed (2)",
      "port-clash: running (0)",
      "resize: parameterized, 1 child: 1 ended (0)",
      "resize/dispatch-1795204142-7b3bc30f: finished (0)",
      "shell: running (0)",
      "start-error: dead, all failed (2)",
      "too-big: not placed (2)",
      "web: running (0)",
      "windows-only: not placed (2)",
      "wrong-dc: not placed (2)",
      "hello: stopped (0)",
    ]
  `);
});

test("a job is never said to run where nothing of it does", () => {
  for (const job of rows) {
    const { state, counts } = rowState(job);
    if (counts.running === 0) expect(state, job.ID).not.toMatch(/^running/);
  }
});

describe("a service", () => {
  test("placed in part", () => {
    expect(rowState(row("web", { api: { Running: 2, Queued: 1 } }))).toMatchObject({
      state: expect.stringContaining("1 not placed"),
      trouble: 2,
    });
  });

  test("with one of its groups down names that group", () => {
    const { state, trouble } = rowState(row("web", { api: { Running: 3 }, worker: { Failed: 4 } }));
    expect(state).toContain("worker");
    expect(state).not.toContain("api");
    expect(trouble).toBe(2);
  });

  test("on disconnected nodes", () => {
    expect(rowState(row("web", { api: { Running: 2, Unknown: 1 } })).state).toContain("disconnected");
  });

  test("between two attempts", () => {
    // Crash loops alternate between running and starting; the failures since its registration stay (surprises 11, 13).
    expect(rowState(row("web", { api: { Starting: 1, Failed: 7 } }))).toMatchObject({ trouble: 2 });
    expect(rowState(row("web", { api: { Running: 1, Failed: 7 } }))).toMatchObject({ trouble: 1 });
  });

  test("that lost its node for good is no job with nothing to run", () => {
    const { state, trouble } = rowState(row("web", { api: { Lost: 1 } }, { Status: "dead" }));
    expect(trouble).toBe(2);
    expect(state).not.toContain("nothing to run");
  });

  test("scaled to 0 is no trouble", () => {
    expect(rowState(row("web", { api: { Complete: 3 } }, { Status: "dead" }))).toMatchObject({ trouble: 0 });
  });

  test("stopped is no trouble, whatever failed before", () => {
    expect(rowState(row("web", { api: { Failed: 3 } }, { Status: "dead", Stop: true }))).toMatchObject({
      state: "stopped",
      trouble: 0,
    });
  });
});

describe("a batch job", () => {
  test("finished", () => {
    expect(rowState(row("batch-ok", { once: { Complete: 1 } }))).toMatchObject({ state: "finished", trouble: 0 });
  });

  test("failed for good in one group", () => {
    const { state, trouble } = rowState(row("batch-ok", { a: { Complete: 1 }, b: { Failed: 2 } }));
    expect(state).toContain("b");
    expect(trouble).toBe(2);
  });

  test("with as many ended well as not: it may lack one, so it is no clean end", () => {
    // The row has no wanted count: 2 of 3 may have finished, or all 3 after one attempt that failed.
    expect(rowState(row("batch-ok", { once: { Complete: 2, Failed: 1 } })).trouble).toBeGreaterThan(0);
  });
});

describe("a parent", () => {
  test("counts its children", () => {
    const job = row("nightly", { report: {} }, { Stop: false });
    if (job.JobSummary) job.JobSummary.Children = { Pending: 0, Running: 1, Dead: 4 };
    expect(rowState(job).state).toMatchInlineSnapshot(`"periodic, 5 children: 1 running, 4 ended"`);
  });
});
