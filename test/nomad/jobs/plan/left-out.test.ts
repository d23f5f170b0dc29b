import { expect, test } from "vitest";
import type { Job } from "../../../../src/endpoints/job.ts";
import { typedJob } from "../../../../src/nomad/jobs/file/typed-job.ts";
import { leftOutOfDiff } from "../../../../src/nomad/jobs/plan/left-out.ts";
import { recorded } from "../../../support/recorded.ts";

const present = () => recorded<Job>("web/job.json").body;
/** The job as a file would have it, changed. */
const edited = (edit: (job: Job) => void) => {
  const job = structuredClone(present());
  edit(job);
  return leftOutOfDiff(present(), typedJob({ ...job }));
};
const task = (job: Job) => job.TaskGroups?.[0]?.Tasks?.[0];

test("a job that Nomad has differs in nothing from itself, nor from a file that says only what it must", () => {
  expect(edited(() => {})).toEqual([]);
  expect(
    edited((job) => {
      for (const group of job.TaskGroups ?? []) {
        group.RestartPolicy = null;
        for (const each of group.Tasks ?? []) delete each.RestartPolicy;
      }
    }),
  ).toEqual([]);
});

test("a spread, a lifecycle and restarting are told where they are; the order of spreads says nothing", () => {
  const one = { Attribute: "one", Weight: 50, SpreadTarget: null };
  const two = { Attribute: "two", Weight: 50, SpreadTarget: [{ Value: "dc1", Percent: 70 }] };
  const name = `group ${present().TaskGroups?.[0]?.Name}`;
  const at = `${name} > task ${task(present())?.Name}`;
  expect(edited((job) => Object.assign(job, { Spreads: [one] }))).toEqual(["spread"]);
  expect(edited((job) => Object.assign(job.TaskGroups?.[0] ?? {}, { Spreads: [two] }))).toEqual([`${name} > spread`]);
  expect(edited((job) => Object.assign(task(job) ?? {}, { Lifecycle: { Hook: "prestart", Sidecar: false } }))).toEqual([
    `${at} > lifecycle`,
  ]);
  expect(edited((job) => Object.assign(task(job) ?? {}, { RestartPolicy: { Attempts: 9 } }))).toEqual([
    `${at} > restart`,
  ]);
  const both = { ...present(), Spreads: [one, two] };
  expect(leftOutOfDiff(both, typedJob({ ...both, Spreads: [two, one] }))).toEqual([]);
  expect(leftOutOfDiff(both, typedJob({ ...both, Spreads: [{ ...two, SpreadTarget: null }, one] }))).toEqual([
    "spread",
  ]);
});
