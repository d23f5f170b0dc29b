import { readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DemoSession, demoSession } from "../support/demo-session.ts";
import { checkout, type Folder } from "../support/library.ts";

let jobs: Folder;
let session: DemoSession;
const text = (image: string, end = "\n") =>
  [
    'job "web" {',
    '  group "api" {',
    '    task "server" {',
    '      driver = "docker"',
    "      config {",
    `        image = "${image}"`,
    "      }",
    "    }",
    "  }",
    "}",
    "",
  ].join(end);

beforeAll(async () => {
  jobs = checkout("platform");
  jobs.write("web.nomad.hcl", text("nginx:1.26"));
  jobs.write("windows.nomad.hcl", text("nginx:1.26", "\r\n").replace('"web"', '"windows"'));
  jobs.commit("Begin");
  session = await demoSession({ library: { folders: [jobs.path], write: "commit" } });
});
afterAll(async () => {
  await session.close();
  jobs.remove();
});

const save = async (args: Record<string, unknown>) =>
  (await session.call("save_job_file", args)).text.replaceAll(/committed as [0-9a-f]{8}/g, "committed as <id>");
const read = (path: string) => readFileSync(join(jobs.path, path), "utf8");

test("a passage is replaced, validated, told as a diff, and committed alone", async () => {
  jobs.write("staged.nomad.hcl", text("x"));
  jobs.git("add", "staged.nomad.hcl");
  const told = await save({
    ...{ file: "platform/web.nomad.hcl", replace: "nginx:1.26", with: "nginx:1.27" },
    message: "Raise nginx",
  });
  expect(told).toMatchInlineSnapshot(`
    "platform/web.nomad.hcl saved, committed as <id>; not pushed
    |        driver = "docker"
    |        config {
    | -        image = "nginx:1.26"
    | +        image = "nginx:1.27"
    |        }
    |      }
    Next: plan_job file=platform/web.nomad.hcl says what submitting it would change"
  `);
  expect(read("web.nomad.hcl")).toBe(text("nginx:1.27"));
  expect(jobs.git("log", "-1", "--format=%an: %s")).toBe("nomad-mcp: Raise nginx\n");
  expect(jobs.git("show", "--name-only", "--format=").trim()).toBe("web.nomad.hcl");
  expect(jobs.git("status", "--porcelain")).toBe("A  staged.nomad.hcl\n");
  jobs.git("fsck", "--strict");
  jobs.git("rm", "-qf", "--cached", "staged.nomad.hcl");
});

test("a repeat changes nothing", async () => {
  const again = { file: "platform/web.nomad.hcl", replace: "nginx:1.27", with: "nginx:1.27" };
  expect(await save(again)).toMatch(/^platform\/web.nomad.hcl: it is so already, nothing was changed/);
});

test("line ends stay as they are", async () => {
  await save({
    file: "platform/windows.nomad.hcl",
    replace: "config {\n        image",
    with: "config {\n        image",
  });
  await save({ file: "platform/windows.nomad.hcl", replace: '"nginx:1.26"\n', with: '"nginx:1.27"\n' });
  expect(read("windows.nomad.hcl")).toBe(text("nginx:1.27", "\r\n").replace('"web"', '"windows"'));
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ["is not there", { replace: "nginx:1.0", with: "x" }, /not in the file: it must be exact.* Nothing was changed\.$/],
  ["is there twice", { replace: "    ", with: "x" }, /in the file \d+ times.* Nothing was changed\.$/],
  ["breaks the file", { replace: "group", with: "grop" }, /parser refuses the job file\. Nothing was changed\./],
  ["is nothing", {}, /Give a new job_file, or replace and with.* Nothing was changed\.$/],
  ["is without a digest", { job_file: text("nginx:1.28") }, /digest says which text.* Nothing was changed\.$/],
  [
    "is of another text",
    { job_file: text("nginx:1.28"), digest: "0123456789ab" },
    /was changed since it was read.* Nothing was changed\.$/,
  ],
])("what %s is refused", async (_, change, words) => {
  const before = read("web.nomad.hcl");
  expect(await save({ file: "platform/web.nomad.hcl", ...change })).toMatch(words);
  expect(read("web.nomad.hcl")).toBe(before);
});

test.each([
  ["platform/../../x.nomad.hcl", "leads out of the library"],
  ["elsewhere/x.nomad.hcl", "there is no elsewhere in the library, but platform"],
  ["platform/x.sh", "is no name of a job file here"],
  ["platform/.git/hooks.nomad.hcl/x", "is no name of a job file here"],
])("nothing is written at %s", async (file, words) => {
  try {
    expect(await save({ file, job_file: text("x") })).toContain(words);
  } finally {
    jobs.git("clean", "-qfd");
  }
});

test.each([
  ["a link that stays inside", "web.nomad.hcl", "platform/link.nomad.hcl"],
  ["a link that leads out", "/etc/hostname", "platform/link.nomad.hcl"],
  ["a link that leads nowhere", "gone.nomad.hcl", "platform/link.nomad.hcl"],
  ["a folder that is a link and stays inside", ".", "platform/link.nomad.hcl/web.nomad.hcl"],
  ["a folder that is a link and leads out", "/tmp", "platform/link.nomad.hcl/new.nomad.hcl"],
])("of %s it is said that it is a link", async (_, target, file) => {
  symlinkSync(target, join(jobs.path, "link.nomad.hcl"));
  try {
    for (const change of [{ replace: "nginx", with: "httpd" }, { job_file: text("x") }]) {
      expect(await save({ file, ...change })).toBe(
        "platform/link.nomad.hcl is a link, and nothing is written through one: name the file that it leads to, where that is in the library. Nothing was changed.",
      );
    }
    expect(read("web.nomad.hcl")).not.toContain("httpd");
    expect(readlinkSync(join(jobs.path, "link.nomad.hcl"))).toBe(target);
  } finally {
    rmSync(join(jobs.path, "link.nomad.hcl"));
  }
});

test("a whole text takes the place of the one that was read, and a new file is made", async () => {
  const { text: told } = await session.call("get_job_file", { file: "platform/web.nomad.hcl" });
  const digest = /digest ([0-9a-f]{12})/.exec(told)?.[1];
  await save({ file: "platform/web.nomad.hcl", job_file: text("nginx:2"), digest });
  expect(read("web.nomad.hcl")).toBe(text("nginx:2"));
  expect(await save({ file: "platform/deep/new.nomad.hcl", job_file: text("x") })).toMatch(
    /^platform\/deep\/new.nomad.hcl made, committed as <id>; not pushed/,
  );
  expect(jobs.git("status", "--porcelain")).not.toContain("new.nomad.hcl");
});

test("calls that come at once, of two sessions, are each committed", async () => {
  const other = await demoSession({ library: { folders: [jobs.path], write: "commit" } });
  const names = ["one", "two", "three", "four"].map((name) => `platform/${name}.nomad.hcl`);
  const told = await Promise.all(
    names.map((file, index) =>
      (index % 2 === 0 ? session : other).call("save_job_file", { file, job_file: text("x"), message: `Add ${file}` }),
    ),
  );
  for (const each of told) expect(each.text).toMatch(/ made, committed as [0-9a-f]{8}; not pushed/);
  expect(jobs.git("log", "-4", "--format=%s").trim().split("\n").sort()).toEqual(
    names.map((file) => `Add ${file}`).sort(),
  );
  expect(jobs.git("status", "--porcelain")).toBe("");
  await other.close();
});

test("what an answer masked does not take the place of what the file has", async () => {
  const file = "platform/secret.nomad.hcl";
  // The second is what the file really says: the operator's own words.
  const env = (password: string) =>
    `      env {\n        DB_PASSWORD = "${password}"\n        REDACTED_AS = "[masked]"\n        LOG_LEVEL   = "info"\n      }\n`;
  const whole = (password: string) => text("x").replace("      config {", `${env(password)}      config {`);
  jobs.write("secret.nomad.hcl", whole("hunter2-hunter2"));
  jobs.commit("Have a secret");
  const { text: told } = await session.call("get_job_file", { file });
  const given = told
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => `${line.slice(2)}\n`)
    .join("");
  expect(given).toBe(whole("[masked]"));
  const digest = /digest ([0-9a-f]{12})/.exec(told)?.[1];
  expect(await save({ file, digest, job_file: given.replace("info", "debug") })).toMatchInlineSnapshot(`
    "Line 6 of the new text: [masked] stands for a value that answers do not show, and that word would take its place in the file. Nothing was changed.
    Next: replace and with change one passage and leave the rest as it is"
  `);
  expect(await save({ file, replace: 'LOG_LEVEL   = "info"', with: 'API_TOKEN = "[masked]"' })).toMatch(
    /^Line 8 of the new text: \[masked\] stands for a value that answers do not show/,
  );
  expect(await save({ file, replace: 'DB_PASSWORD = "[masked]"', with: "" })).toMatch(
    /^What replace says is not in the file: \[masked\] stands for .* Take a passage without it\. Nothing was changed\.$/,
  );
  expect(await save({ file: "platform/copy.nomad.hcl", job_file: given })).toMatch(
    /^Lines 6 and 7 of the new text: .*\nNext: put a variable in its place, or the value itself$/,
  );
  expect(read("secret.nomad.hcl")).toBe(whole("hunter2-hunter2"));
  // What is there may stay, and move.
  const moved = { replace: 'LOG_LEVEL   = "info"', with: 'LOG_LEVEL   = "debug"' };
  expect(await save({ file, ...moved })).toContain("secret.nomad.hcl saved");
  const { text: now } = await session.call("get_job_file", { file });
  const full = whole("another-secret-1").replace("info", "warn");
  await save({ file, digest: /digest ([0-9a-f]{12})/.exec(now)?.[1], job_file: full });
  expect(read("secret.nomad.hcl")).toBe(full);
});

test("a file whose secrets are variables without a value is validated with any, and kept without", async () => {
  const declared = 'variable "db_password" {}\n\n';
  const job = text("x").replace("      config {", "      env {\n        A = var.db_password\n      }\n      config {");
  const made = { file: "platform/exported.nomad.hcl", job_file: declared + job };
  expect(await save(made)).toMatchInlineSnapshot(`
    "Nomad's parser refuses the job file. Nothing was changed.
    Unset variable "db_password"; A used variable must be set or have a default value.
    Next: give it a value in variables, such as db_password = "...": any of its type will do, it is not kept"
  `);
  expect(await save({ ...made, variables: 'db_password = "made-up-for-this"' })).toMatch(/exported.nomad.hcl made, /);
  expect(read("exported.nomad.hcl")).toBe(declared + job);
  expect(jobs.git("log", "-1", "-p")).not.toContain("made-up-for-this");
});

test("where somebody has open changes or a merge is under way, nothing is committed", async () => {
  const change = { file: "platform/web.nomad.hcl", replace: "nginx:2", with: "nginx:3" };
  writeFileSync(join(jobs.path, "web.nomad.hcl"), `# by hand\n${text("nginx:2")}`);
  expect(await save(change)).toContain("has changes that are not committed");
  jobs.git("checkout", "-q", "web.nomad.hcl");
  jobs.write(".git/MERGE_HEAD", "0".repeat(40));
  expect(await save(change)).toContain("a merge or rebase is under way");
  expect(read("web.nomad.hcl")).toBe(text("nginx:2"));
});

test("where files may not be changed, the tool says who could allow it", async () => {
  const other = await demoSession({ library: { folders: [jobs.path] } });
  const { text: told } = await other.call("save_job_file", { file: "platform/web.nomad.hcl", replace: "a", with: "b" });
  expect(told).toMatch(
    /^The files of platform may not be changed: write = "on" in \[library\].* Nothing was changed\.$/,
  );
  await other.close();
});
