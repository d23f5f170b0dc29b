import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Committing, saveAndCommit } from "../../src/library/commit.ts";
import { openFolder } from "../../src/library/folder.ts";
import { digestOf } from "../../src/library/library.ts";
import { save } from "../../src/library/save.ts";
import { checkout, type Folder, folder } from "../support/library.ts";

let jobs: Folder;
beforeEach(() => {
  jobs = checkout();
  for (const name of ["a", "b", "c", "d"]) jobs.write(`${name}.nomad.hcl`, "old\n");
  jobs.commit("Begin");
});
afterEach(() => jobs.remove());

/** Each opens the folder anew, as another session does. */
const change = (path: string, text = "new\n", at = jobs.path, more: Partial<Committing> = {}) =>
  saveAndCommit({
    source: openFolder({ name: "jobs", path: at }, "commit"),
    ...{ path, before: digestOf("old\n"), text, message: `Change ${path}`, author: "anna" },
    ...more,
  });
const read = (path: string) => readFileSync(join(jobs.path, path), "utf8");
const subjects = (of = jobs) => of.git("log", "--format=%s").trim().split("\n");

test("changes that come at once are each in the branch, and nothing is left staged", async () => {
  const names = ["a", "b", "c", "d"].map((name) => `${name}.nomad.hcl`);
  const commits = await Promise.all(names.map((name) => change(name)));
  expect(subjects().sort()).toEqual(["Begin", ...names.map((name) => `Change ${name}`)]);
  expect(jobs.git("rev-list", "main").split("\n")).toEqual(expect.arrayContaining(commits.map(({ id }) => id)));
  expect(jobs.git("status", "--porcelain")).toBe("");
  expect(jobs.git("fsck", "--strict", "--no-dangling")).toBe("");
});

test("of changes of one file that come at once one is made, and the others are told that it is another one", async () => {
  const source = openFolder({ name: "jobs", path: jobs.path }, "on");
  const saving = { source, path: "b.nomad.hcl", before: digestOf("old\n") };
  const texts = ["1", "2", "3"];
  for (const [path, call] of [
    ["a.nomad.hcl", (text: string) => change("a.nomad.hcl", text)],
    ["b.nomad.hcl", (text: string) => save({ ...saving, text })],
  ] as const) {
    const outcomes = await Promise.allSettled(texts.map((text): Promise<unknown> => call(text)));
    const refused = `jobs/${path} was changed since it was read: read it again. Nothing was changed.`;
    expect(outcomes.flatMap((each) => (each.status === "rejected" ? each.reason.message : []))).toEqual([
      refused,
      refused,
    ]);
    expect(read(path)).toBe(texts[outcomes.findIndex(({ status }) => status === "fulfilled")]);
  }
});

test("a commit of somebody else, made meanwhile, is kept", async () => {
  await change("a.nomad.hcl", "new\n", jobs.path, {
    async hold() {
      jobs.write("b.nomad.hcl", "theirs\n");
      jobs.commit("Theirs", "Bert");
    },
  });
  expect(subjects()).toEqual(["Change a.nomad.hcl", "Theirs", "Begin"]);
  expect(jobs.git("show", "HEAD:b.nomad.hcl")).toBe("theirs\n");
});

test("a branch that was moved past its lock is left as it is, and so is the file", async () => {
  const moved = jobs.git("commit-tree", "-p", "HEAD", "-m", "Theirs", "HEAD^{tree}").trim();
  const source = openFolder({ name: "jobs", path: jobs.path }, "commit");
  // The last that is read of the source before the file is written: from here on only the branch's own lock helps.
  const late = {
    ...source,
    get folder() {
      if (existsSync(join(jobs.path, ".git/index.lock"))) jobs.git("update-ref", "refs/heads/main", moved);
      return jobs.path;
    },
  };
  await expect(change("a.nomad.hcl", "new\n", jobs.path, { source: late })).rejects.toThrow(
    "The branch main was moved by somebody else meanwhile: call again. Nothing was changed.",
  );
  expect(jobs.git("rev-parse", "main").trim()).toBe(moved);
  expect(jobs.git("status", "--porcelain")).toBe("");
  expect(read("a.nomad.hcl")).toBe("old\n");
});

describe("what cannot be committed is refused in plain words, and the file is as it was:", () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      "an index of version 4",
      () => jobs.git("update-index", "--index-version", "4"),
      /^The index of the checkout of jobs is of version 4.*git update-index --index-version 2\. Nothing was changed\.$/,
    ],
    ["a split index", () => jobs.git("update-index", "--split-index"), /is split.*--no-split-index\. Nothing was/],
    ["a sparse index", sparse, /is sparse.*--no-sparse-index\. Nothing was changed\.$/],
    ["a broken index", () => jobs.write(".git/index", "DIRC"), /^jobs\/a.nomad.hcl cannot be committed: .*Nothing was/],
    [
      "an index that another program has",
      () => jobs.write(".git/index.lock", ""),
      /^Another program works in the checkout of jobs: call again; .*index\.lock behind: remove it\. Nothing was changed\.$/,
    ],
    [
      "a HEAD that is detached",
      () => jobs.git("checkout", "-q", "--detach"),
      /^The checkout of jobs is on no branch .*: switch it to a branch first\. Nothing was changed\.$/,
    ],
    [
      "a .git without HEAD",
      () => rmSync(join(jobs.path, ".git/HEAD")),
      /is in no git checkout.*Nothing was changed\.$/,
    ],
    [
      "conflicts that are left",
      conflict,
      /^jobs\/a.nomad.hcl cannot be committed: .*unmerged.*Nothing was changed\.$/i,
    ],
    [
      "a branch that another program has",
      () => jobs.write(".git/refs/heads/main.lock", ""),
      /^The branch main was moved by somebody else meanwhile: call again\. Nothing was changed\.$/,
    ],
  ])("%s", async (_, make, words) => {
    make();
    const before = [jobs.path, ...["index", "HEAD", "refs/heads/main"].map((file) => join(".git", file))].slice(1);
    const texts = () => before.map((file) => (existsSync(join(jobs.path, file)) ? read(file) : undefined));
    const old = texts();
    await expect(change("a.nomad.hcl")).rejects.toThrow(words);
    expect(read("a.nomad.hcl")).toBe("old\n");
    expect(texts()).toEqual(old);
  });

  test("objects of SHA-256", async () => {
    jobs.remove();
    jobs = folder();
    jobs.git("init", "-q", "-b", "main", "--object-format=sha256");
    jobs.write("a.nomad.hcl", "old\n");
    const id = jobs.commit("Begin");
    await expect(change("a.nomad.hcl")).rejects.toThrow(
      "jobs/a.nomad.hcl cannot be committed: its objects are kept as sha256, which only git reads. Nothing was changed.",
    );
    expect(read("a.nomad.hcl")).toBe("old\n");
    expect(jobs.git("rev-parse", "HEAD").trim()).toBe(id);
    const source = openFolder({ name: "jobs", path: jobs.path }, "commit");
    expect(await source.history()).toBeUndefined();
  });
});

test("a new file that could not be committed is gone again", async () => {
  jobs.write(".git/refs/heads/main.lock", "");
  await expect(change("new.nomad.hcl", "new\n", jobs.path, { before: undefined })).rejects.toThrow(
    /Nothing was changed/,
  );
  expect(existsSync(join(jobs.path, "new.nomad.hcl"))).toBe(false);
});

test("an index that is let go of soon is waited for", async () => {
  jobs.write(".git/index.lock", "");
  setTimeout(() => rmSync(join(jobs.path, ".git/index.lock")), 150);
  await change("a.nomad.hcl");
  expect(subjects()).toEqual(["Change a.nomad.hcl", "Begin"]);
});

test("what others staged and marked is kept, and the first commit is made of nothing", async () => {
  jobs.write("staged.txt", "staged");
  jobs.git("add", "staged.txt");
  jobs.write("meant.txt", "meant");
  jobs.git("add", "--intent-to-add", "meant.txt");
  jobs.git("update-index", "--chmod=+x", "b.nomad.hcl");
  await change("a.nomad.hcl");
  expect(jobs.git("diff", "--cached", "--name-only")).toBe("b.nomad.hcl\nstaged.txt\n");
  expect(jobs.git("ls-files", "--stage", "--", "meant.txt", "a.nomad.hcl")).toContain("100644");
  expect(jobs.git("diff", "--name-only")).toContain("meant.txt");
  const empty = checkout("jobs");
  await change("a.nomad.hcl", "new\n", empty.path, { before: undefined });
  expect(subjects(empty)).toEqual(["Change a.nomad.hcl"]);
  expect(empty.git("status", "--porcelain")).toBe("");
  empty.remove();
});

test("of a worktree the history is read, and a change is committed to its own branch", async () => {
  const base = folder("other");
  jobs.git("pack-refs", "--all");
  jobs.git("worktree", "add", "-q", "-b", "team/next", join(base.path, "next"));
  const at = join(base.path, "next");
  const history = await openFolder({ name: "jobs", path: at }, "commit").history();
  expect(history).toMatchObject({ branch: "team/next", head: { subject: "Begin" } });
  expect((await history?.lastChanges(["a.nomad.hcl"]))?.get("a.nomad.hcl")?.subject).toBe("Begin");
  expect(await history?.isCommitted("a.nomad.hcl")).toBe(true);
  await Promise.all([change("a.nomad.hcl", "new\n", at), change("b.nomad.hcl")]);
  expect(jobs.git("log", "--format=%s", "team/next")).toBe("Change a.nomad.hcl\nBegin\n");
  expect(jobs.git("log", "--format=%s", "main")).toBe("Change b.nomad.hcl\nBegin\n");
  for (const path of [jobs.path, at]) expect(jobs.git("-C", path, "status", "--porcelain")).toBe("");
  expect(jobs.git("fsck", "--strict", "--no-dangling")).toBe("");
  base.remove();
});

test("of a checkout whose git directory is elsewhere a change is committed", async () => {
  const base = folder("other");
  renameSync(join(jobs.path, ".git"), join(base.path, "kept.git"));
  writeFileSync(join(jobs.path, ".git"), `gitdir: ${join(base.path, "kept.git")}\n`);
  await change("a.nomad.hcl");
  expect(subjects()).toEqual(["Change a.nomad.hcl", "Begin"]);
  expect(jobs.git("status", "--porcelain")).toBe("");
  base.remove();
});

test("where git turns the ends of lines into its own, nothing is left staged", async () => {
  jobs.git("config", "core.autocrlf", "true");
  jobs.write("a.nomad.hcl", "old\r\n");
  await change("a.nomad.hcl", "new\r\n", jobs.path, { before: digestOf("old\r\n") });
  expect(jobs.git("show", "HEAD:a.nomad.hcl")).toBe("new\n");
  expect(jobs.git("status", "--porcelain")).toBe("");
  expect(read("a.nomad.hcl")).toBe("new\r\n");
});

function sparse(): void {
  jobs.write("deep/x.txt", "x");
  jobs.commit("Add deep");
  jobs.git("sparse-checkout", "set", "--cone", "--sparse-index");
}

/** As a stash leaves them that does not fit: nothing says that a merge is under way. */
function conflict(): void {
  jobs.write("b.nomad.hcl", "stashed\n");
  jobs.git("stash", "-q");
  jobs.write("b.nomad.hcl", "committed\n");
  jobs.commit("Change b");
  expect(() => jobs.git("stash", "pop", "-q")).toThrow();
}
