import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Library, openLibrary } from "../../src/library/library.ts";
import { readLibrary } from "../../src/library/settings.ts";
import { checkout, type Folder, folder } from "../support/library.ts";

let jobs: Folder;
beforeEach(() => {
  jobs = folder();
});
afterEach(() => jobs.remove());

async function open(more: object = {}, clusters: readonly string[] = ["default"]): Promise<Library> {
  const settings = readLibrary({ folders: [jobs.path], ...more }, { place: () => "config.toml:1:1" }, clusters);
  if (settings === undefined) throw new Error("there is a library");
  return await openLibrary(settings, { authorities: {}, env: {} });
}
const addresses = async (library: Library) => (await library.list()).files.map(({ address }) => address);

describe("what is in it", () => {
  test("files that the patterns name, wherever they are; nothing hidden, no packages, no links", async () => {
    for (const path of ["a.nomad.hcl", "b.nomad", "deep/er/c.hcl", "d.nomad.json", "README.md", ".git/x.hcl"]) {
      jobs.write(path, 'job "x" {}');
    }
    jobs.write("node_modules/p/e.nomad.hcl", 'job "x" {}');
    mkdirSync(join(jobs.path, "outside"));
    symlinkSync("/etc", join(jobs.path, "outside/etc"));
    symlinkSync(join(jobs.path, "a.nomad.hcl"), join(jobs.path, "link.nomad.hcl"));
    expect(await addresses(await open())).toEqual([
      ...["jobs/a.nomad.hcl", "jobs/b.nomad", "jobs/d.nomad.json", "jobs/deep/er/c.hcl"],
    ]);
  });

  test("the end of an address is enough where it is one file's; else the nearest and all that are meant are told", async () => {
    jobs.write("eu/web.nomad.hcl", "");
    jobs.write("us/web.nomad.hcl", "");
    jobs.write("us/api.nomad.hcl", "");
    const library = await open();
    expect((await library.find("us/web.nomad.hcl")).address).toBe("jobs/us/web.nomad.hcl");
    await expect(library.find("web.nomad.hcl")).rejects.toThrow(
      "web.nomad.hcl is the name of 2 files: say which of jobs/eu/web.nomad.hcl and jobs/us/web.nomad.hcl.",
    );
    await expect(library.find("web")).rejects.toThrow("There is no job file web in the library; there is jobs/eu/web");
  });

  test("a folder that is not there is said, and the others are told", async () => {
    jobs.write("web.nomad.hcl", "");
    const library = await open({ folders: [jobs.path, "/nowhere/jobs"] });
    expect(await library.list()).toMatchObject({
      files: [{ address: "jobs/web.nomad.hcl" }],
      troubles: [
        "The folder jobs-2 of the library cannot be read: /nowhere/jobs is not there, or not for this server.",
      ],
    });
  });
});

test.each([
  ["link.nomad.hcl", "leads out of the library"],
  ["folder/passwd", "leads out of the library"],
  ["../x.nomad.hcl", "leads out of the library"],
  ["/etc/passwd", "leads out of the library"],
  ["gone.nomad.hcl", "there is no such file"],
  ["binary.nomad.hcl", "is no text in UTF-8"],
])("%s is not read: %s", async (path, words) => {
  symlinkSync("/etc/passwd", join(jobs.path, "link.nomad.hcl"));
  symlinkSync("/etc", join(jobs.path, "folder"));
  jobs.write("binary.nomad.hcl", Buffer.from([0xff, 0xfe, 0x00]));
  await expect((await open()).sources[0]?.read(path)).rejects.toThrow(words);
});

test("the values of variables are of the files that are for this job file and cluster, in their order", async () => {
  jobs.write("web.nomad.hcl", "");
  jobs.write("vars/all.hcl", 'a = "1"\n');
  jobs.write("vars/prod.hcl", 'b = "2"\n');
  const library = await open(
    {
      variables: [
        { job_files: "jobs/*.nomad.hcl", var_files: ["jobs/vars/all.hcl"] },
        { job_files: "jobs/web*", clusters: ["prod"], var_files: ["jobs/vars/prod.hcl"] },
        { job_files: "jobs/api*", var_files: ["jobs/vars/api.hcl"] },
      ],
    },
    ["prod", "test"],
  );
  const file = await library.find("web.nomad.hcl");
  expect(await library.variablesOf(file, "prod")).toEqual([
    { address: "jobs/vars/all.hcl", text: 'a = "1"\n' },
    { address: "jobs/vars/prod.hcl", text: 'b = "2"\n' },
  ]);
  expect(await library.variablesOf(file, "test")).toHaveLength(1);
});

test("a role sees the places that it names, and changes none where it may not", async () => {
  const other = folder("other");
  jobs.write("web.nomad.hcl", "");
  other.write("api.nomad.hcl", "");
  const library = await open({ folders: [jobs.path, other.path], write: "commit" });
  expect(await addresses(library)).toEqual(["jobs/web.nomad.hcl", "other/api.nomad.hcl"]);
  const narrowed = library.only(["other"], false);
  expect(await addresses(narrowed)).toEqual(["other/api.nomad.hcl"]);
  expect(narrowed.sources.map(({ write }) => write)).toEqual(["off"]);
  await expect(narrowed.find("web.nomad.hcl")).rejects.toThrow("There is no job file web.nomad.hcl");
  await expect(narrowed.place("jobs/new.nomad.hcl")).rejects.toThrow("there is no jobs in the library, but other");
  expect(library.only(undefined, true).sources.map(({ write }) => write)).toEqual(["commit", "commit"]);
  other.remove();
});

test("in a checkout git tells the last change of each file, and what is not committed", async () => {
  jobs.remove();
  jobs = checkout();
  jobs.write("a/web.nomad.hcl", "1");
  jobs.write("api.nomad.hcl", "1");
  jobs.commit("Begin");
  jobs.write("api.nomad.hcl", "2");
  jobs.commit("Change api", "Bert");
  jobs.write("a/web.nomad.hcl", "not committed");
  const history = await (await open()).sources[0]?.history();
  const changes = await history?.lastChanges(["a/web.nomad.hcl", "api.nomad.hcl", "new.nomad.hcl"]);
  expect([...(changes ?? [])].map(([path, { author, subject }]) => [path, author, subject])).toEqual([
    ["api.nomad.hcl", "Bert", "Change api"],
    ["a/web.nomad.hcl", "Anna", "Begin"],
  ]);
  jobs.git("checkout", "-q", "-b", "ma\u202ein");
  expect((await (await open()).sources[0]?.history())?.branch).not.toContain("\u202e");
  expect(await history?.isCommitted("api.nomad.hcl")).toBe(true);
  expect(await history?.isCommitted("a/web.nomad.hcl")).toBe(false);
});

test.each<[object, string]>([
  [{ folders: ["jobs"] }, 'library.folders must be full paths, and "jobs" is none.'],
  [{}, "library.folders is missing: name one, or a repository."],
  [{ folders: ["/a"], wrte: "on" }, "library.wrte is not known there; the nearest is write."],
  [{ folders: ["/a"], write: "yes" }, "library.write:"],
  [{ repositories: [{ name: "a", url: "git@example.com:a" }] }, "has a url that is none"],
  [{ repositories: [{ name: "a", url: "ssh://git@example.com/a" }] }, "a password in it"],
  [{ repositories: [{ name: "a", url: "ssh://example.com/a" }] }, "name a checkout that is kept fresh in folders"],
  [{ repositories: [{ name: "a", url: "http://example.com/a" }] }, "takes https only"],
  [{ repositories: [{ name: "a", url: "https://u:p@example.com/a" }] }, "put that into a file"],
  [{ folders: ["/a"], variables: [{ job_files: "x", clusters: ["prd"], var_files: ["y"] }] }, '"prd"'],
])("settings that are not right stop the start: %o", (table, words) => {
  expect(() => readLibrary(table, { place: () => "config.toml:1:1" }, ["prod"])).toThrow(words);
});
