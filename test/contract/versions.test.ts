import { expect } from "vitest";
import type { Job } from "../../src/endpoints/job.ts";
import type { JobDiff } from "../../src/endpoints/job-diff.ts";
import type { JobChange, JobVersion } from "../../src/endpoints/jobs.ts";
import { diffLines } from "../../src/nomad/jobs/plan/diff.ts";
import { mockJob } from "../support/demo-session.ts";
import type { Cluster } from "./support/cluster.ts";
import { contract } from "./support/contract.ts";
import { noDeployment, quickDeployment } from "./support/jobs.ts";

interface Versions {
  readonly Versions: JobVersion[];
  readonly Diffs: JobDiff[] | null;
}

/** A job of which version 0 succeeded with one allocation, and version 1, tagged, runs with two and a setting. */
async function twoVersions(nomad: Cluster, stem: string): Promise<string> {
  const id = nomad.id(stem);
  const submission = (Source: string) => ({ Submission: { Source, Format: "hcl2", Variables: "" } });
  await nomad.submit(mockJob(id, {}, quickDeployment), submission("# zero"));
  await nomad.deployment(id, "successful");
  const task = { Name: "server", Driver: "mock_driver", Config: { run_for: "1h" }, Env: { LEVEL: "debug" } };
  const Tasks = [{ ...task, Resources: { CPU: 20, MemoryMB: 16 } }];
  await nomad.submit(mockJob(id, {}, { ...quickDeployment, Count: 2, Tasks }), submission("# one"));
  await nomad.until<Versions>(`/v1/job/${id}/versions`, (now) => now.Versions[0]?.Stable === true);
  const body = { Version: 1, Description: "the good one" };
  await nomad.ask("PUT", `/v1/job/${id}/versions/good/tag`, { body });
  return id;
}

contract("going back to a version", (test) => {
  test("what Nomad makes of it", async ({ nomad }) => {
    const id = await twoVersions(nomad, "revert");
    const { Versions, Diffs } = await nomad.get<Versions>(`/v1/job/${id}/versions`, { diffs: true, diff_version: 1 });
    expect(Versions.map(({ Version, Stable, VersionTag }) => [Version, Stable, VersionTag?.Name])).toEqual([
      [1, true, "good"],
      [0, true, undefined],
    ]);
    expect(Diffs?.map((diff) => diffLines(diff))).toEqual([
      [],
      ["group api > count: 2 -> 1", "group api > task server > env LEVEL = debug (removed)"],
    ]);
    const change = await nomad.ask<JobChange>("POST", `/v1/job/${id}/revert`, {
      body: { JobID: id, JobVersion: 0, EnforcePriorVersion: 1 },
    });
    await nomad.evaluated(change.EvalID);
    expect(change.EvalCreateIndex).toBe(change.JobModifyIndex);
    expect(await nomad.get<JobVersion>(`/v1/job/${id}`)).toMatchObject({ Version: 2, Stop: false, VersionTag: null });
    // The source goes with the version that it is of.
    expect(await nomad.get(`/v1/job/${id}/submission`, { version: 2 })).toMatchObject({ Source: "# zero", Version: 2 });
  });

  test("what it refuses", async ({ nomad }) => {
    const id = await twoVersions(nomad, "revert-no");
    const none = nomad.id("revert-none");
    const refuse = async (job: string, body?: object) => {
      const { status, text } = await nomad.send("POST", `/v1/job/${job}/revert`, { body });
      return [status, text];
    };
    expect(await refuse(id, { JobID: id, JobVersion: 1 })).toEqual([500, "can't revert to current version"]);
    expect(await refuse(id, { JobID: id, JobVersion: 9 })).toEqual([
      500,
      `job "${id}" in namespace "default" at version 9 not found`,
    ]);
    expect(await refuse(id, { JobID: id, JobVersion: 0, EnforcePriorVersion: 7 })).toEqual([
      500,
      "Current job has version 1; enforcing version 7",
    ]);
    expect(await refuse(none, { JobID: none, JobVersion: 0 })).toEqual([500, `job "${none}" not found`]);
    expect(await refuse(id, { JobVersion: 0 })).toEqual([400, "JobID must be specified"]);
    expect(await refuse(id, { JobID: none, JobVersion: 0 })).toEqual([400, "Job ID does not match"]);
    for (const [diff_version, words] of [
      [9, "version 9 not found"],
      ["x", 'Failed to parse value of "diff_version" (x) as a uint64: strconv.ParseUint: parsing "x": invalid syntax'],
    ] as const) {
      const { status, text } = await nomad.send("GET", `/v1/job/${id}/versions`, {
        query: { diffs: true, diff_version },
      });
      expect([status, text]).toEqual([500, words]);
    }
    for (const [job, Version] of [
      [none, 0],
      [id, 77],
    ] as const) {
      const { status, text } = await nomad.send("PUT", `/v1/job/${job}/versions/best/tag`, { body: { Version } });
      expect([status, text]).toEqual([500, `job "${job}" version ${Version} not found`]);
    }
    const { status, text } = await nomad.send("PUT", `/v1/job/${id}/versions/good/tag`, { body: { Version: 0 } });
    expect([status, text]).toEqual([500, `tag "good" already exists on a different version of job "${id}"`]);
  });

  test("by the tools", async ({ nomad }) => {
    const job_id = await twoVersions(nomad, "revert-tool");
    expect(await nomad.tell("list_job_versions", { job_id })).toMatch(
      new RegExp(
        `^${job_id}: 2 versions kept \\(namespace default\\)
version 1, .*, current, stable, 2 running, tag good \\(the good one\\)
  group api > count: 1 -> 2
  group api > task server > env LEVEL = debug \\(added\\)
version 0, .*, stable$`,
      ),
    );
    expect(await nomad.tell("get_job_spec", { job_id, version: "good", section: "env" })).toMatch(
      /\ngroup api, count 2:\n {2}task server:\n {4}env: LEVEL = "debug"$/,
    );
    expect(await nomad.tell("get_job_spec", { job_id, version: 0, section: "source" })).toMatch(/\n\| # zero$/);
    expect(await nomad.tell("revert_job", { job_id })).toMatch(
      / reverted to version 0 \(the last stable one\), which is now version 2 \(namespace default\); running: 1 of 1 healthy.*\nChanges:\n {2}group api > count: 2 -> 1\n/,
    );
    await nomad.stop(job_id);
    expect(await nomad.tell("revert_job", { job_id, version: "good" })).toMatch(
      / reverted to version 1 \(tag good\), which is now version 4 .*\nIt was stopped, and this started it again\.\n/,
    );
  });
});

contract("scaling", (test) => {
  test("what Nomad makes of it", async ({ nomad }) => {
    const id = await nomad.running("scale", {}, noDeployment);
    const before = await nomad.get<Job>(`/v1/job/${id}`);
    const body = { Count: 3, Target: { Group: "api" }, Message: "more", JobModifyIndex: before.JobModifyIndex };
    const change = await nomad.ask<JobChange>("POST", `/v1/job/${id}/scale`, { body });
    expect(change.EvalCreateIndex).toBeGreaterThan(change.JobModifyIndex);
    expect(await nomad.evaluated(change.EvalID)).toMatchObject({ TriggeredBy: "job-scaling" });
    const after = await nomad.get<Job>(`/v1/job/${id}`);
    expect([after.Version, after.TaskGroups?.[0]?.Count, after.JobModifyIndex]).toEqual([1, 3, change.JobModifyIndex]);
    const status = await nomad.get<{ TaskGroups: Record<string, { Events: object[] }> }>(`/v1/job/${id}/scale`);
    expect(status.TaskGroups.api?.Events).toMatchObject([
      { Count: 3, PreviousCount: 1, Message: "more", Error: false, EvalID: change.EvalID },
    ]);
  });

  test("what it refuses", async ({ nomad }) => {
    const Scaling = { Min: 1, Max: 4, Enabled: true };
    const id = await nomad.running("scale-no", {}, { ...noDeployment, Scaling });
    const refuse = async (job: string, asked: object) => {
      const { status, text } = await nomad.send("POST", `/v1/job/${job}/scale`, { body: asked });
      return [status, text];
    };
    const api = { Target: { Group: "api" } };
    expect(await refuse(id, { ...api, Count: 9 })).toEqual([
      400,
      "group count was greater than scaling policy maximum: 9 > 4",
    ]);
    expect(await refuse(id, { ...api, Count: 0 })).toEqual([
      400,
      "group count was less than scaling policy minimum: 0 < 1",
    ]);
    expect(await refuse(id, { ...api, Count: -1 })).toEqual([400, "scaling action count can't be negative"]);
    expect(await refuse(id, { Count: 2 })).toEqual([400, "missing task group name for scaling action"]);
    expect(await refuse(id, { Count: 2, Target: { Group: "web" } })).toEqual([
      400,
      'task group "web" specified for scaling does not exist in job',
    ]);
    expect(await refuse(id, { ...api, Count: 2, JobModifyIndex: 3 })).toEqual([
      500,
      expect.stringMatching(/^Enforcing job modify index 3: job exists with conflicting job modify index: \d+$/),
    ]);
    const none = nomad.id("scale-none");
    expect(await refuse(none, { ...api, Count: 2 })).toEqual([404, `job "${none}" not found`]);
    const many = await nomad.running("scale-many", {}, noDeployment);
    expect(await refuse(many, { ...api, Count: 60_000 })).toEqual([
      500,
      "total count was greater than configured job_max_count: 60000 > 50000",
    ]);
    const slow = nomad.id("scale-slow");
    await nomad.submit(mockJob(slow, {}, { Update: { MaxParallel: 1, MinHealthyTime: 60e9, HealthyDeadline: 120e9 } }));
    expect(await refuse(slow, { ...api, Count: 2 })).toEqual([400, "job scaling blocked due to active deployment"]);
  });

  test("by the tool", async ({ nomad }) => {
    const job_id = await nomad.running("scale-tool", {}, quickDeployment);
    await nomad.deployment(job_id, "successful");
    expect(await nomad.tell("scale_job", { job_id, count: 2 })).toMatch(
      / scaled: group api 1 -> 2, now version 1 \(namespace default\); running: 2 of 2 healthy/,
    );
    expect(await nomad.tell("scale_job", { job_id, count: 2 })).toMatch(/ has count 2 in group api already /);
    await nomad.stop(job_id);
    expect(await nomad.tell("scale_job", { job_id, count: 1 })).toMatch(
      /group api 2 -> 1, now version 3 \(namespace default\); stopped .*\nIt is stopped and stays so: start_job /,
    );
    const slow = nomad.id("scale-tool-slow");
    await nomad.submit(mockJob(slow, {}, { Update: { MaxParallel: 1, MinHealthyTime: 60e9, HealthyDeadline: 120e9 } }));
    const { text, isError } = await nomad.call("scale_job", { job_id: slow, count: 2 });
    expect([isError, text]).toEqual([
      true,
      expect.stringMatching(
        /^Nomad scales nothing while a deployment goes on: [0-9a-f]{8} of version 0 of .* is running/,
      ),
    ]);
  });

  test("a version is tagged, another tag takes its place, and an old one goes with its tag", async ({ nomad }) => {
    const id = nomad.id("tags");
    const versions = async (from: number, to: number) => {
      for (let at = from; at <= to; at++)
        await nomad.submit(mockJob(id, {}, noDeployment, { Meta: { at: String(at) } }));
    };
    const kept = async () =>
      (await nomad.get<Versions>(`/v1/job/${id}/versions`)).Versions.map(
        ({ Version, VersionTag }) => `${Version}${VersionTag ? ` ${VersionTag.Name}: ${VersionTag.Description}` : ""}`,
      );
    const tag = (args: object) => nomad.tell("tag_job_version", { job_id: id, ...args });
    await versions(0, 1);
    expect(await tag({ tag: "first one", version: 0, description: "the first" })).toMatch(
      `${id}: version 0 is tagged first one (the first) now `,
    );
    expect(await tag({ tag: "old", version: "first one" })).toMatch(/\nIt was tagged first one \(the first\) before/);
    expect(await tag({ tag: "old", version: 0 })).toMatch(/ is tagged old already\. Nothing was changed\.$/);
    expect(await kept()).toEqual(["1", "0 old: "]);
    const { status, text } = await nomad.send("PUT", `/v1/job/${id}/versions/a%2Fb/tag`, { body: { Version: 0 } });
    expect([status, text]).toEqual([404, "invalid job tag endpoint"]);
    await versions(2, 7);
    expect(await kept()).toEqual(["7", "6", "5", "4", "3", "2", "0 old: "]);
    expect(await tag({ tag: "old", remove: true })).toMatch(/ is no longer tagged old .*; it is deleted with that/);
    expect(await kept()).toEqual(["7", "6", "5", "4", "3", "2"]);
    const again = await nomad.send("DELETE", `/v1/job/${id}/versions/old/tag`);
    expect([again.status, again.text]).toEqual([500, `tag "old" not found on job "${id}"`]);
  });
});
