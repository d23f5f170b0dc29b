import { describe, expect, test } from "vitest";
import type { JobPlan } from "../../../../src/endpoints/jobs.ts";
import type { DesiredUpdates } from "../../../../src/endpoints/metric.ts";
import { typedJob } from "../../../../src/nomad/jobs/file/typed-job.ts";
import { plannedGroups } from "../../../../src/nomad/jobs/plan/planned-groups.ts";
import { rolloutSentence } from "../../../../src/nomad/jobs/plan/rollout.ts";
import { recorded } from "../../../support/recorded.ts";

const none = {
  ...{ Ignore: 0, Place: 0, Migrate: 0, Stop: 0, InPlaceUpdate: 0, DestructiveUpdate: 0, Canary: 0, Preemptions: 0 },
  ...{ RescheduleNow: 0, RescheduleLater: 0 },
};
/** As Nomad 2.0.6 answered for a job of one group of three, except for what the counts are not about. */
const reply = (counts: Partial<DesiredUpdates>, type: "Edited" | "None" = "Edited"): JobPlan => ({
  JobModifyIndex: 20,
  Diff: { Type: type, ID: "web", Fields: null, Objects: null, TaskGroups: null },
  Annotations: { DesiredTGUpdates: { api: { ...none, ...counts } }, PreemptedAllocs: null },
  FailedTGAllocs: null,
  NextPeriodicLaunch: null,
  Warnings: "",
});
const job = (update: object = {}, more: object = {}) =>
  typedJob({ ID: "web", TaskGroups: [{ Name: "api", Count: 3, Update: update }], ...more });

/** What is not zero of the only group, and the order. */
function planned(counts: Partial<DesiredUpdates>, of = job(), type: "Edited" | "None" = "Edited") {
  const [group] = plannedGroups(reply(counts, type), of);
  if (group === undefined) return undefined;
  const told = Object.fromEntries(Object.entries(group).filter(([key, value]) => key !== "name" && value !== 0));
  return { ...told, order: rolloutSentence(of, group) };
}

describe("a service", () => {
  test("one step after the other: what is ignored comes later", () => {
    expect(planned({ DestructiveUpdate: 1, Ignore: 2 })).toMatchObject({ replaced: 1, later: 2 });
    const { Diff, Annotations, ...rest } = recorded<JobPlan>("plan/destructive.json").body;
    expect(plannedGroups({ ...rest, Diff, Annotations }, job())).toMatchObject([{ created: 1, replaced: 0, later: 3 }]);
    expect(planned({ Ignore: 3 }, job(), "None")).toEqual({ unchanged: 3, order: undefined });
  });

  test("with a canary", () => {
    expect(planned({ Canary: 1, Ignore: 3 }, job({ Canary: 1, AutoPromote: true, AutoRevert: true }))).toEqual({
      ...{ canaries: 1, later: 3 },
      order:
        "1 canary first, once healthy for 10s promoted automatically; then the other 3 give way, 1 at a time; without progress for 10m it goes back to the last stable version",
    });
    expect(planned({ Canary: 3, Ignore: 3 }, job({ Canary: 3, MaxParallel: 3 }))?.order).toBe(
      "3 canaries first, once healthy it waits for somebody to promote it; then the other 3 give way; without progress for 10m it stops half-way (auto_revert is off)",
    );
  });

  test("all at once", () => {
    expect(planned({ DestructiveUpdate: 3 }, job({ MaxParallel: 3 }))?.order).toMatch(
      /^all 3 are replaced at once, so/,
    );
    expect(planned({ DestructiveUpdate: 3 }, job({ MaxParallel: 0 }))?.order).toBe(
      "all 3 are stopped and replaced at once",
    );
    expect(planned({ DestructiveUpdate: 1 })?.order).toMatch(/^the one that runs is stopped as its replacement starts/);
  });

  test("with the job's update block, and a deadline of none", () => {
    const Update = { MaxParallel: 2, ProgressDeadline: 0, MinHealthyTime: 30e9 };
    const inherited = typedJob({ ID: "web", Update, TaskGroups: [{ Name: "api", Count: 3 }] });
    expect(planned({ DestructiveUpdate: 2, Ignore: 1 }, inherited)?.order).toBe(
      "3 are replaced 2 at a time, each healthy for 30s before the next; at the first that is unhealthy it stops half-way (auto_revert is off)",
    );
  });
});

test("a batch job: what has ended is no work", () => {
  expect(planned({ Ignore: 2, Place: 2 }, job({}, { Type: "batch" }))).toEqual({
    ...{ created: 2, unchanged: 2 },
    order: undefined,
  });
});

test("a system job: Place is all nodes since 1.11, and the new ones before", () => {
  const system = job({}, { Type: "system" });
  expect(planned({ InPlaceUpdate: 1, Place: 4 }, system)).toMatchObject({ inPlace: 1, created: 3 });
  expect(planned({ InPlaceUpdate: 2, Place: 2, Stop: 2 }, system)).toEqual({
    inPlace: 2,
    stopped: 2,
    order: undefined,
  });
  expect(planned({ Canary: 1, DestructiveUpdate: 4, Place: 4 }, system)).toMatchObject({ canaries: 1, replaced: 3 });
  const old = reply({ InPlaceUpdate: 1, Place: 3 });
  const [counts] = Object.values(old.Annotations?.DesiredTGUpdates ?? {});
  delete counts?.RescheduleNow;
  expect(plannedGroups(old, system)).toMatchObject([{ created: 3, inPlace: 1 }]);
});

test("a periodic job has no work of its own", () => {
  expect(planned({ Place: 2 }, job({}, { Type: "batch", Periodic: { Specs: ["@daily"] } }))).toBeUndefined();
});
