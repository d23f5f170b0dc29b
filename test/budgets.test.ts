import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { http } from "msw";
import { afterAll, describe, expect, test } from "vitest";
import type { AllocationStub } from "../src/endpoints/allocations.ts";
import type { JobStub } from "../src/endpoints/jobs.ts";
import { first } from "./support/edit.ts";
import { address, type RecordedState, recorded, recordedNomad, recordedState, type Seen } from "./support/recorded.ts";
import { openSession } from "./support/session.ts";

const session = await openSession({ address });
afterAll(() => session.close());

/** Puts this many dead allocations before the one that runs: the recorded one that failed, again and again. */
function dead(count: number): (state: RecordedState) => void {
  return (state) => {
    const [failed, running] = ["failed", "running"].map((status) =>
      first(state.allocations.filter(({ ClientStatus }) => ClientStatus === status)),
    );
    if (failed === undefined || running === undefined) throw new Error("the folder has no such allocations");
    const id = (index: number) => `${String(index).padStart(8, "0")}-0000-4000-8000-000000000000`;
    const past = Array.from(
      { length: count },
      (_, index): AllocationStub => ({
        ...failed,
        ID: id(index),
        NextAllocation: index === count - 1 ? running.ID : id(index + 1),
        // Nomad keeps the last five (structs.maxPastRescheduleEvents).
        RescheduleTracker: { Events: Array.from({ length: 5 }, () => first(running.RescheduleTracker?.Events)) },
        CreateIndex: failed.CreateIndex + index,
      }),
    );
    state.allocations = [...past, { ...running, CreateIndex: failed.CreateIndex + count }];
    const evaluations = state.evaluations;
    state.evaluations = past.flatMap((_, index) =>
      evaluations.map((each, at) => ({ ...each, ID: id(index * 10 + at), CreateIndex: each.CreateIndex + index })),
    );
    const summary = first(Object.values(state.summary.Summary ?? {}));
    state.summary.Summary = { worker: { ...summary, Failed: count } };
  };
}

const bytes = (seen: readonly Seen[]) => seen.reduce((total, { answered }) => total + answered, 0);

describe("tokens (o200k)", () => {
  test.each<[string, readonly string[], number]>([
    ["of an operator's day", ["default"], 6_000],
    ["of all toolsets", ["all"], 8_500],
  ])(
    "the definitions %s, without those of a library: at most so many, 220 each and 125 in the mean",
    async (_, sets, most) => {
      const session = await openSession({ address, toolsets: sets, library: null });
      const { tools } = await session.client.listTools();
      await session.close();
      // What a model is given of a tool.
      const given = tools.map(({ name, description, inputSchema }) =>
        JSON.stringify({ name, description, inputSchema }),
      );
      const counts = given.map((text) => countTokens(text));
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(total).toBeLessThanOrEqual(most);
      expect(total / tools.length).toBeLessThanOrEqual(125);
      expect(tools.filter((_, index) => (counts[index] ?? 0) > 220).map(({ name }) => name)).toEqual([]);
    },
  );

  test("list_nomad_jobs of 25 jobs: at most 900", async () => {
    const rows = recorded<JobStub[]>("lists/jobs.json").body;
    recordedNomad({
      job: "web",
      edit(state) {
        // The recorded cluster, whose jobs are in trouble of every kind, and as many healthy ones as make 25.
        const web = first(rows.filter(({ ID }) => ID === "web"));
        const more = Array.from({ length: 10 }, (_, index) => ({ ...web, ID: `payments-api-${index}` }));
        state.jobs = [...rows.filter(({ Namespace }) => Namespace === "default"), ...more];
      },
    });
    const { text } = await session.call("list_nomad_jobs");
    expect(text).toMatch(/^25 jobs/);
    expect(countTokens(text)).toBeLessThanOrEqual(900);
  });

  test("get_job_status of a job that crash-loops with 1,000 dead allocations: at most 400, and 200 KB from Nomad", async () => {
    const seen = recordedNomad({ job: "crash-loop", edit: dead(1_000) });
    const { text } = await session.call("get_job_status", { job_id: "crash-loop" });
    expect(text).toContain("crash looping");
    expect(text).toContain("1,000 allocations");
    expect(countTokens(text)).toBeLessThanOrEqual(400);
    expect(bytes(seen)).toBeLessThan(200_000);
  });

  test.each(["crash-loop", "failed-update", "auto-revert", "port-clash", "canary-waiting", "multi", "batch-fail"])(
    "get_job_status of %s: at most 400",
    async (folder) => {
      recordedNomad({ job: folder });
      const { text } = await session.call("get_job_status", { job_id: recordedState(folder).job.ID });
      expect(countTokens(text)).toBeLessThanOrEqual(400);
    },
  );
});

test("an answer has 40,000 characters at most", async () => {
  recordedNomad({
    job: "web",
    edit(state) {
      const web = first(state.jobs.filter(({ ID }) => ID === "web"));
      state.jobs = Array.from({ length: 200 }, (_, index) => ({ ...web, ID: `${"long-".repeat(100)}${index}` }));
    },
  });
  const { text } = await session.call("list_nomad_jobs", { limit: 200 });
  expect(text.length).toBeLessThanOrEqual(40_000);
  expect(text.length).toBeGreaterThan(39_000);
});

describe("requests", () => {
  /**
   * Holds every answer of Nomad back until the call has nothing more to send, then gives them all at once. What is sent
   * then was caused by an answer: the waves are how deep the call's requests depend on each other.
   */
  function waves() {
    const sizes: number[] = [];
    let held: (() => void)[] = [];
    let quiet = 0;
    // Ticks of the event loop, not of the clock: a busy machine delays the call and the ticks alike.
    const ticking = setInterval(() => {
      if (held.length === 0 || ++quiet < 20) return;
      const wave = held;
      held = [];
      sizes.push(wave.length);
      for (const release of wave) release();
    }, 5);
    const gate = http.all(`${address}/*`, async () => {
      quiet = 0;
      await new Promise<void>((release) => held.push(release));
    });
    return { sizes, gate, stop: () => clearInterval(ticking) };
  }

  test.each([
    ["crash-loop", 2],
    ["too-big", 2],
    ["wrong-dc", 2],
    ["batch-fail", 2],
    ["nightly", 2],
    ["failed-update", 2],
    ["web", 1],
    ["canary-waiting", 1],
  ])("get_job_status of %s: %i round trips deep at most", async (folder, depth) => {
    const { sizes, gate, stop } = waves();
    recordedNomad({ job: folder, extra: [gate] });
    await session.call("get_job_status", { job_id: recordedState(folder).job.ID });
    stop();
    expect(sizes.length).toBeLessThanOrEqual(depth);
    expect(sizes[0]).toBe(8);
  });

  test("get_job_status asks no more of a job with a long past, in a large cluster", async () => {
    const counts = [];
    for (const [past, others] of [
      [1, 0],
      [1_000, 0],
      [1_000, 5_000],
    ] as const) {
      const seen = recordedNomad({
        job: "crash-loop",
        edit(state) {
          dead(past)(state);
          const row = first(state.jobs);
          state.jobs.push(...Array.from({ length: others }, (_, index) => ({ ...row, ID: `other-${index}` })));
        },
      });
      await session.call("get_job_status", { job_id: "crash-loop" });
      counts.push(seen.length);
    }
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeLessThanOrEqual(10);
  });

  test("a page of jobs is two", async () => {
    const seen = recordedNomad({ job: "web" });
    await session.call("list_nomad_jobs", { namespace: "*" });
    expect(seen.map(({ path }) => path)).toEqual(["/v1/jobs", "/v1/jobs/statuses"]);
  });
});
