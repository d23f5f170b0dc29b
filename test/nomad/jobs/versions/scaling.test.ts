import { expect, test } from "vitest";
import type { JobVersion, ScaleStatus } from "../../../../src/endpoints/jobs.ts";
import { scalingLines } from "../../../../src/nomad/jobs/versions/scaling.ts";
import { recorded } from "../../../support/recorded-state.ts";

const { body } = recorded<ScaleStatus>("scaling/status.json");
const { body: web } = recorded<JobVersion>("web/job.json");
const [newest] = body.TaskGroups?.g?.Events ?? [];
const time = newest?.Time ?? 0;
const now = time / 1e6 + 60_000;
const version = (Version: number, SubmitTime: number): JobVersion => ({ ...web, Version, SubmitTime });

test("notes of a real Nomad, which change no count: what they say, and whether something failed", () => {
  expect(scalingLines(body, [version(0, time - 60e9)], now).get(0)).toEqual([
    "group g noted 1m ago, failed: failed",
    "group g noted 1m ago: note only",
  ]);
});

test("an event belongs to the version submitted right before it, not to one to which Nomad went back later", () => {
  const scaled = { ...newest, Time: time, Count: 5, PreviousCount: 2, Error: false, Message: "" };
  const Meta = { "nomad_autoscaler.count.capped": true };
  const status = { ...body, TaskGroups: { g: { ...body.TaskGroups?.g, Events: [{ ...scaled, Meta }] } } };
  const versions = [version(2, time - 60e9), version(1, time - 1e6), version(0, time - 60e9)];
  expect([...scalingLines(status as ScaleStatus, versions, now)]).toEqual([
    [1, ["group g scaled 2 -> 5 by the autoscaler"]],
  ]);
});
