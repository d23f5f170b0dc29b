import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type DemoSession, demoSession } from "../support/demo-session.ts";
import { checkout, type Folder, folder, serveGit } from "../support/library.ts";

let jobs: Folder;
let session: DemoSession;

const file = (id: string, { count = 1, cpu = 20, scaling = false } = {}) => `job "${id}" {
  group "api" {
    count = ${count}
${scaling ? "    scaling {\n      min = 1\n      max = 9\n    }\n" : ""}
    task "server" {
      driver = "mock_driver"
      config {
        run_for = "1h"
      }
      resources {
        cpu    = ${cpu}
        memory = 16
      }
    }
  }
}
`;

beforeAll(async () => {
  jobs = checkout("platform");
  for (const id of ["same", "edited", "behind", "never", "purged"]) jobs.write(`${id}.nomad.hcl`, file(id));
  jobs.write("scaled.nomad.hcl", file("scaled", { scaling: true }));
  jobs.write("broken.nomad.hcl", 'job "broken" {\n  group "api" {\n');
  jobs.commit("Begin");
  session = await demoSession({ library: { folders: [jobs.path] } });
  for (const id of ["same", "edited", "behind", "purged", "scaled"]) {
    await session.call("submit_job_file", { file: `${id}.nomad.hcl`, wait_seconds: 0 });
  }
  await session.clock.advance(60_000);
});
afterAll(async () => {
  await session.close();
  jobs.remove();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const drift = async (args: Record<string, unknown> = {}) =>
  (await session.call("find_drift", args)).text
    .replaceAll(/\d+[smh] ago|just now/g, "<ago>")
    .replaceAll(/\([0-9a-f]{8}\)/g, "(<commit>)");

test("what runs is what the files have, until somebody edits by hand, scales, reverts, purges or changes a file", async () => {
  expect(await drift({ filter: "same" })).toBe(
    "No drift (1 file, namespace default): what runs is what the files have",
  );
  // By hand, past the library.
  await session.call("submit_job_file", { job_file: file("edited", { cpu: 40 }), wait_seconds: 0 });
  await session.call("scale_job", { job_id: "scaled", group: "api", count: 3, wait_seconds: 0 });
  await session.call("stop_job", { job_id: "purged", purge: true });
  jobs.write("behind.nomad.hcl", file("behind", { cpu: 80 }));
  jobs.commit("Give it more", "Bert");
  const told = await drift();
  expect(told).toMatchInlineSnapshot(`
    "2 jobs differ from the file, 1 job only in counts that scaling set, 4 jobs without a file, 2 files of which nothing runs (7 files, namespace default)

    behind runs version 0, submitted <ago>; file platform/behind.nomad.hcl, last changed <ago>, Bert: Give it more (<commit>), which is newer
      group api > task server > resources > cpu: 20 -> 80

    edited runs version 1, submitted <ago>; file platform/edited.nomad.hcl, last changed <ago>, Anna: Begin (<commit>), which is newer
      group api > task server > resources > cpu: 40 -> 20

    scaled runs version 1, <ago>: group api scaled 1 -> 3: submitted using nomad-mcp; file platform/scaled.nomad.hcl, last changed <ago>, Anna: Begin (<commit>), which is newer
      counts that scaling set: api 1 -> 3

    Has a file and does not run: platform/never.nomad.hcl and platform/purged.nomad.hcl
    Runs and has no file: checkout, ml-train, nightly-report and web; of platform/broken.nomad.hcl the job is not known, and it may be one of these
    platform/broken.nomad.hcl: line 2, column 15: Unclosed configuration block; There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.

    Next: where the file is right, plan_job file=platform/behind.nomad.hcl and submit_job_file; where what runs is right, a person changes in the file what differs"
  `);
});

test("a count that nobody scaled is a difference as every other, however the file scales", async () => {
  jobs.write("counted.nomad.hcl", file("counted", { scaling: true }));
  await session.call("submit_job_file", { file: "counted.nomad.hcl", wait_seconds: 0 });
  jobs.write("counted.nomad.hcl", file("counted", { scaling: true, count: 3 }));
  expect(await drift({ filter: "counted" })).toMatch(
    /^1 job differs from the file \(1 file[\s\S]*\n {2}group api > count: 1 -> 3$/m,
  );
  await session.clock.advance(60_000);
  await session.call("scale_job", { job_id: "counted", group: "api", count: 4, wait_seconds: 0 });
  expect(await drift({ filter: "counted" })).toMatch(/^1 job only in counts that scaling set [\s\S]*: api 3 -> 4$/m);
  await session.call("submit_job_file", { job_file: file("counted", { scaling: true, count: 5 }), wait_seconds: 0 });
  expect(await drift({ filter: "counted" })).toMatch(/^1 job differs from the file [\s\S]*count: 5 -> 3$/m);
  jobs.git("clean", "-qf");
});

test("what was stopped is told apart from what never ran", async () => {
  await session.call("stop_job", { job_id: "behind" });
  expect(await drift()).toContain(
    `
Has a file and does not run: platform/never.nomad.hcl and platform/purged.nomad.hcl
Has a file and was stopped: platform/behind.nomad.hcl
`,
  );
});

test("a job is not told to have no file where the files of a place cannot be read", async () => {
  const home = folder("home");
  vi.stubEnv("XDG_CACHE_HOME", home.path);
  const none = await serveGit(jobs.path);
  none.refuses = 500;
  const repositories = [{ name: "away", url: none.url }];
  for (const library of [
    { folders: [jobs.path, "/nowhere/jobs"] },
    { folders: [jobs.path], repositories },
    { repositories },
    { repositories: [{ ...repositories[0], path: "nomad" }] },
  ]) {
    if ("path" in (library.repositories?.[0] ?? {})) none.refuses = undefined;
    const part = await demoSession({ library });
    const { text } = await part.call("find_drift");
    expect(text).toContain("Which jobs have no file is not told: not all of the library was read as it is now.");
    expect(text).toMatch(
      /\/nowhere\/jobs is not there|away cannot be fetched|away has no folder nomad in commit [0-9a-f]{8}/,
    );
    expect(text).not.toMatch(/without a file|Runs and has no file|No drift/);
    await part.close();
  }
  await none.stop();
  home.remove();
});

test("what is told of the last state of a repository says so, and leaves out which jobs have no file", async () => {
  const home = folder("home");
  vi.stubEnv("XDG_CACHE_HOME", home.path);
  const team = await serveGit(jobs.path);
  const other = await demoSession({ library: { repositories: [{ name: "team", url: team.url, pull: "1s" }] } });
  expect((await other.call("find_drift")).text).toContain("Runs and has no file: ");
  team.refuses = 500;
  await new Promise((passed) => setTimeout(passed, 1_100));
  const { text } = await other.call("find_drift");
  expect(text).toMatch(/\nThe repository team cannot be fetched .*: what is told is of commit [0-9a-f]{8}\.$/m);
  expect(text).toContain("Which jobs have no file is not told");
  expect(text).not.toMatch(/without a file|Runs and has no file/);
  await other.close();
  await team.stop();
  home.remove();
});

test("a revert is told as one", async () => {
  await session.call("revert_job", { job_id: "edited", version: "0", wait_seconds: 0 });
  await session.call("submit_job_file", { job_file: file("edited", { cpu: 60 }), wait_seconds: 0 });
  await session.call("revert_job", { job_id: "edited", version: "1", wait_seconds: 0 });
  expect(await drift({ filter: "edited" })).toMatch(/runs version 4, <ago>, as version 1 was \(a revert/);
});

test("a change in the folder that is not committed is told", async () => {
  jobs.write("same.nomad.hcl", file("same", { cpu: 21 }));
  expect(await drift({ filter: "same" })).toContain("in the folder it is changed and not committed");
});

test("goes on where a page ends", async () => {
  const first = await drift({ limit: 3 });
  const cursor = /cursor=(\S+) looks/.exec(first)?.[1];
  expect(cursor).toBe("platform/never.nomad.hcl");
  expect(await drift({ limit: 3, cursor })).not.toContain("Runs and has no file");
});

test("where the operator has it so, a job knows its file and commit, which is no drift", async () => {
  const other = await demoSession({ library: { folders: [jobs.path], meta: true } });
  jobs.git("checkout", "-q", ".");
  await other.call("submit_job_file", { file: "scaled.nomad.hcl", wait_seconds: 0 });
  const { Meta } = await other.nomad<{ Meta: object }>("GET", "/v1/job/scaled");
  expect(Meta).toEqual({
    nomad_mcp_file: "platform/scaled.nomad.hcl",
    nomad_mcp_commit: jobs.git("rev-parse", "HEAD").trim(),
  });
  expect((await other.call("find_drift", { filter: "scaled" })).text).toMatch(/^No drift /);
  await other.close();
});
