import { afterAll, beforeAll, expect, test } from "vitest";
import { type DemoSession, demoSession } from "../support/demo-session.ts";
import { checkout, type Folder } from "../support/library.ts";

let jobs: Folder;
let session: DemoSession;
const file = (id: string, more = "") =>
  `job "${id}" {\n  ${more}\n  group "api" {\n    task "server" {\n      driver = "mock_driver"\n    }\n  }\n}\n`;

beforeAll(async () => {
  jobs = checkout("platform");
  jobs.write("web.nomad.hcl", file("shop-web"));
  jobs.write("api.nomad.hcl", file("shop-api"));
  jobs.write("elsewhere.hcl", file("batch", 'namespace = "platform"'));
  jobs.write("not-a-job.hcl", 'variable "x" {}\n');
  jobs.write("broken.nomad.hcl", 'job "broken" {');
  jobs.commit("Begin");
  session = await demoSession({ library: { folders: [jobs.path] } });
  await session.call("submit_job_file", { file: "platform/web.nomad.hcl", wait_seconds: 0 });
});
afterAll(async () => {
  await session.close();
  jobs.remove();
});

const list = async (args: Record<string, unknown> = {}) =>
  (await session.call("list_job_files", args)).text
    .replaceAll(/\d+[smh] ago|just now/g, "<ago>")
    .replaceAll(/\([0-9a-f]{8}\)/g, "(<commit>)");

test("the files of the namespace, each with its job, its state and its last change", async () => {
  expect(await list()).toMatchInlineSnapshot(`
    "3 job files of namespace default: 1 not running, 1 does not parse, 1 same

    file                       job       state           last change
    platform/api.nomad.hcl     shop-api  not running     <ago>, Anna: Begin (<commit>)
    platform/broken.nomad.hcl            does not parse  <ago>, Anna: Begin (<commit>)
    platform/web.nomad.hcl     shop-web  same            <ago>, Anna: Begin (<commit>)
    platform/broken.nomad.hcl: line 1, column 14: Unclosed configuration block; There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file."
  `);
});

test("those of all namespaces, and those that fit", async () => {
  expect(await list({ namespace: "*", filter: "batch" })).toMatchInlineSnapshot(`
    "1 job file that fit batch: 1 refused

    file                    job    namespace  state    last change
    platform/elsewhere.hcl  batch  platform   refused  <ago>, Anna: Begin (<commit>)
    platform/elsewhere.hcl: There is no namespace platform; there is default and prod."
  `);
});

test("a page, and the next", async () => {
  const first = await list({ limit: 1 });
  expect(first).toMatch(/^3 job files of namespace default, 1 here: /);
  expect(first).toMatch(/Next: cursor=platform\/broken\.nomad\.hcl$/);
});

test("none that fit", async () => {
  expect(await list({ filter: "nothing" })).toBe("0 job files of namespace default that fit nothing in the library");
});

test("without a library the tool is not offered, and says what is missing", async () => {
  const other = await demoSession({ library: null });
  const { tools } = await other.client.listTools();
  expect(tools.map(({ name }) => name)).not.toContain("list_job_files");
  const submit = tools.find(({ name }) => name === "submit_job_file");
  expect(submit?.inputSchema.required).toContain("job_file");
  expect(submit?.inputSchema.properties).not.toHaveProperty("file");
  expect((await other.call("list_job_files")).text).toContain("this server has no library of job files: [library]");
  expect((await other.call("submit_job_file", { file: "web" })).text).toContain(
    "This server has no library of job files",
  );
  await other.close();
});
