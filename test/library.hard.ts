import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type DemoSession, demoSession } from "./support/demo-session.ts";
import { checkout, type Folder, folder, serveGit } from "./support/library.ts";

const files = 2_000;
let jobs: Folder;
let session: DemoSession;

beforeAll(async () => {
  jobs = checkout("platform");
  for (let index = 0; index < files; index++) {
    const id = `job-${String(index).padStart(4, "0")}`;
    const text = `job "${id}" {\n  group "api" {\n    task "server" {\n      driver = "mock_driver"\n    }\n  }\n}\n`;
    jobs.write(`team-${index % 20}/${id}.nomad.hcl`, text);
  }
  jobs.write("large.nomad.hcl", "x".repeat(10 * 1_048_576));
  jobs.commit("Begin");
  session = await demoSession({ library: { folders: [jobs.path] } });
  // What is loaded with the first call is no matter of the files.
  await session.call("list_job_files", { filter: "job-0001" });
}, 60_000);
afterAll(async () => {
  await session.close();
  jobs.remove();
});

test("a page of 2,000 files takes at most 2 s, a few requests a file of the page, and no memory that stays", async () => {
  const before = session.demo.requests.length;
  const started = performance.now();
  const { text } = await session.call("list_job_files");
  expect(text).toMatch(/^2,?001 job files of namespace default, 25 here: /);
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(session.demo.requests.length - before).toBeLessThanOrEqual(3 * 25 + 1);
  const heap = () => process.memoryUsage().heapUsed / 1_048_576;
  const held = heap();
  for (let call = 0; call < 5; call++) await session.call("list_job_files");
  expect(heap() - held).toBeLessThan(100);
});

test("a page of 2,000 files of a repository takes at most 1 s, once they were read, and no request to where it is", async () => {
  const server = await serveGit(jobs.path);
  const home = folder("home");
  vi.stubEnv("XDG_CACHE_HOME", home.path);
  const library = { repositories: [{ name: "platform", url: server.url, pull: "1h" }] };
  const kept = await demoSession({ library });
  try {
    await kept.call("list_job_files", { filter: "job-0001" });
    const times: number[] = [];
    for (let call = 0; call < 3; call++) {
      const started = performance.now();
      const { text } = await kept.call("list_job_files");
      expect(text).toMatch(/^2,?001 job files of namespace default, 25 here: /);
      times.push(performance.now() - started);
    }
    expect(Math.min(...times)).toBeLessThan(1_000);
    expect(server.requests).toHaveLength(2);
  } finally {
    vi.unstubAllEnvs();
    await kept.close();
    await server.stop();
    home.remove();
  }
}, 120_000);

test("a file of 10 MB is not read, and does not keep the others from being told", async () => {
  const { text } = await session.call("list_job_files", { filter: "large" });
  expect(text).toContain("platform/large.nomad.hcl has 10 MB: files of more than 1 MB are not read");
});

test("drift goes on where a page ends, and looks at no more files than were asked for", async () => {
  const before = session.demo.requests.length;
  const { text } = await session.call("find_drift", { limit: 50 });
  expect(text).toMatch(/cursor=platform\/team-\d+\/\S+ looks at the next files/);
  expect(session.demo.requests.length - before).toBeLessThanOrEqual(3 * 50 + 2);
});
