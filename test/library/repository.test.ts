import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type GitLimits, gitHttp } from "../../src/library/git-http.ts";
import { openLibrary } from "../../src/library/library.ts";
import { openRepository } from "../../src/library/repository.ts";
import { readLibrary } from "../../src/library/settings.ts";
import { largest } from "../../src/library/source.ts";
import { makeAuthority } from "../support/authority.ts";
import { checkout, type Folder, folder, type GitServer, serveGit } from "../support/library.ts";
import { type AskedOfProxy, serveProxy } from "../support/proxy.ts";

let origin: Folder;
let home: Folder;
let server: GitServer;
let now = 0;

beforeEach(async () => {
  origin = checkout();
  home = folder("home");
  now = 1_800_000_000_000;
  origin.write("jobs/web.nomad.hcl", 'job "web" {}\n');
  origin.write("other/api.nomad.hcl", 'job "api" {}\n');
  origin.write("jobs/größe mit raum.nomad.hcl", 'job "größe" {}\r\n');
  origin.commit("Begin");
  server = await serveGit(origin.path);
});

afterEach(async () => {
  await server.stop();
  origin.remove();
  home.remove();
});

const open = async (more: object = {}) => {
  const table = { repositories: [{ name: "platform", url: server.url, pull: "1m", ...more }] };
  const settings = readLibrary(table, { place: () => "config.toml" }, ["default"]);
  if (settings === undefined) throw new Error("there is a library");
  return await openLibrary(settings, { authorities: {}, env: { HOME: home.path }, now: () => now });
};
const addresses = async (library: Awaited<ReturnType<typeof open>>) =>
  (await library.list()).files.map(({ address }) => address);

test("the files of the default branch, by name and text, without a checkout", async () => {
  const library = await open();
  expect(await addresses(library)).toEqual([
    "platform/jobs/größe mit raum.nomad.hcl",
    "platform/jobs/web.nomad.hcl",
    "platform/other/api.nomad.hcl",
  ]);
  const { text } = await library.read(await library.find("größe mit raum.nomad.hcl"));
  expect(text).toBe('job "größe" {}\r\n');
});

test("a folder that is not in it is told, and not taken for one without files", async () => {
  const library = await open({ path: "nomad" });
  const { files, troubles } = await library.list();
  expect(files).toEqual([]);
  expect(troubles).toEqual([
    `The repository platform has no folder nomad in commit ${origin.git("rev-parse", "HEAD").slice(0, 8)}: path in its settings names it.`,
  ]);
});

test("a folder of it and a branch of it", async () => {
  origin.git("checkout", "-q", "-b", "next");
  origin.write("jobs/next.nomad.hcl", 'job "next" {}\n');
  const id = origin.commit("Add next", "Bert");
  const library = await open({ path: "jobs", branch: "next" });
  expect(await addresses(library)).toContain("platform/next.nomad.hcl");
  const [source] = library.sources;
  const history = await source?.history();
  expect(history).toMatchObject({ branch: "next", head: { id, author: "Bert", subject: "Add next" } });
  const changes = await history?.lastChanges(["next.nomad.hcl", "web.nomad.hcl"]);
  expect([...(changes ?? [])].map(([path, { subject }]) => [path, subject])).toEqual([
    ["next.nomad.hcl", "Add next"],
    ["web.nomad.hcl", "Begin"],
  ]);
});

test("is read again when its time is over, also where the branch was pushed by force", async () => {
  const library = await open();
  await library.list();
  origin.write("jobs/web.nomad.hcl", 'job "other" {}\n');
  origin.git("add", "-A");
  origin.git("commit", "-q", "--amend", "-m", "Begin anew");
  expect((await library.read(await library.find("web.nomad.hcl"))).text).toBe('job "web" {}\n');
  now += 60_000;
  expect((await library.read(await library.find("web.nomad.hcl"))).text).toBe('job "other" {}\n');
});

test("a file that was deleted is gone", async () => {
  const library = await open();
  await library.list();
  rmSync(join(origin.path, "jobs/web.nomad.hcl"));
  origin.commit("Remove web");
  now += 60_000;
  await expect(library.find("platform/jobs/web.nomad.hcl")).rejects.toThrow(/^There is no job file/);
});

test("where it cannot be fetched, the last state is told and says so, also after a start", async () => {
  const first = await open();
  await first.list();
  server.refuses = 503;
  const again = await open();
  expect(await addresses(again)).toHaveLength(3);
  expect((await again.sources[0]?.history())?.trouble).toMatch(
    /^The repository platform cannot be fetched \(.*503.*\): what is told is of commit [0-9a-f]{8}\.$/,
  );
});

test("where it was never fetched, the others are told without it", async () => {
  server.refuses = 404;
  const { files, troubles } = await (await open()).list();
  expect(files).toEqual([]);
  expect(troubles).toEqual([
    "The repository platform cannot be fetched (there is none at its url, or its token may not see it).",
  ]);
});

/** The repository with limits of its own, over Node's fetch. */
const hasty = (limits: Partial<GitLimits> = {}, patience = 20_000) =>
  openRepository(
    { name: "platform", url: server.url, pull: 60_000 },
    {
      cache: home.path,
      http: gitHttp({ fetch }, { silence: 20_000, bytes: 1_000_000, ...limits }),
      token: () => undefined,
      now: () => now,
      patience,
    },
  );
const everything = ["**"];

test("where it goes on sending, it may take its time; where it stops, that is told as what it is", async () => {
  server.sends = 150;
  const started = performance.now();
  expect(await hasty({ silence: 1_000 }).list(everything)).toHaveLength(3);
  expect(performance.now() - started).toBeGreaterThan(1_400);
  rmSync(home.path, { recursive: true });
  server.sends = "half and no more";
  await expect(hasty({ silence: 1_000 }).list(everything)).rejects.toThrow(
    "The repository platform cannot be fetched (it has said nothing for 1s).",
  );
  server.sends = "half and breaks off";
  await expect(hasty().list(everything)).rejects.toThrow(
    /^The repository platform cannot be fetched \(the connection broke off \(UND_ERR_SOCKET|ECONNRESET\)\)\.$/,
  );
  server.sends = "at once";
  await expect(hasty({ bytes: 100 }).list(everything)).rejects.toThrow("(it sends more than 0 MB)");
});

test("a call waits for it a while, and no longer: the fetch goes on, and the last state is told meanwhile", async () => {
  server.sends = 50;
  const first = hasty({}, 100);
  await expect(first.list(everything)).rejects.toThrow(
    "The repository platform is still being fetched, after <1s: call again in a moment.",
  );
  await expect.poll(() => first.list(everything).catch(() => []), { timeout: 10_000 }).toHaveLength(3);
  const old = (await first.history())?.head.id.slice(0, 8);
  origin.write("jobs/new.nomad.hcl", 'job "new" {}\n');
  origin.commit("Add new");
  now += 60_000;
  expect(await first.list(everything)).toHaveLength(3);
  expect((await first.history())?.trouble).toBe(
    `The repository platform is still being fetched: what is told is of commit ${old}.`,
  );
  await expect.poll(() => first.list(everything), { timeout: 10_000 }).toHaveLength(4);
  expect((await first.history())?.trouble).toBeUndefined();
  expect(server.requests.filter((each) => each.startsWith("POST"))).toHaveLength(2);
});

test("a failure is no look: after half a minute it is tried again, however long pull is", async () => {
  server.refuses = 503;
  const library = await open({ pull: "1h" });
  expect(await addresses(library)).toEqual([]);
  server.refuses = undefined;
  now += 29_000;
  expect(await addresses(library)).toEqual([]);
  now += 1_000;
  expect(await addresses(library)).toHaveLength(3);
});

test("why it cannot be fetched is told: nobody there, nothing in it, no such branch", async () => {
  const told = async (more: object = {}) => (await (await open(more)).list()).troubles[0];
  expect(await told({ branch: "next" })).toBe("The repository platform cannot be fetched (it has no branch next).");
  origin.git("checkout", "-q", "--orphan", "unborn");
  expect(await told()).toMatch(/\(it has no default branch: branch names the one that is meant\)\.$/);
  const empty = checkout();
  const nothing = await serveGit(empty.path);
  expect(await told({ url: nothing.url })).toBe("The repository platform cannot be fetched (it has no commit yet).");
  await nothing.stop();
  empty.remove();
  expect(await told({ url: nothing.url, pull: "2m" })).toBe(
    "The repository platform cannot be fetched (nothing listens where its url leads (ECONNREFUSED)).",
  );
  expect(await told({ url: "https://nowhere.invalid/jobs.git" })).toMatch(
    /\(the host of its url has no address \((ENOTFOUND|EAI_AGAIN)\)\)\.$/,
  );
});

test("over https it is trusted by the server's own CA, and through its proxy", async () => {
  const authority = await makeAuthority("Team CA");
  const names = ["localhost", "git.example"].map((value) => ({ type: 2 as const, value }));
  const secure = await serveGit(origin.path, await authority.issue("localhost", {}, names));
  const asked: AskedOfProxy[] = [];
  const proxy = await serveProxy(asked);
  home.write("ca.pem", authority.cert);
  const at = (url: string) => {
    const settings = readLibrary({ repositories: [{ name: "platform", url }] }, { place: () => "" }, []);
    if (settings === undefined) throw new Error("there is a library");
    return settings;
  };
  const authorities = { caCert: join(home.path, "ca.pem") };
  const env = { HOME: home.path };
  const strange = await openLibrary(at(secure.url), { authorities: {}, env });
  expect((await strange.list()).troubles[0]).toMatch(/cannot be fetched \(.*certificate/i);
  expect((await (await openLibrary(at(secure.url), { authorities, env })).list()).files).toHaveLength(3);
  const through = { ...env, XDG_CACHE_HOME: join(home.path, "other"), https_proxy: proxy.address };
  // The proxy takes every name for this machine.
  const named = secure.url.replace("localhost", "git.example");
  expect((await (await openLibrary(at(named), { authorities, env: through })).list()).files).toHaveLength(3);
  expect(asked.map(({ what }) => what)).toContain(`CONNECT ${new URL(named).host}`);
  await proxy.stop();
  await secure.stop();
});

test("a token opens it; a wrong one is told as one", async () => {
  server.token = "s3cret-token";
  home.write("token", "s3cret-token\n");
  expect(await addresses(await open({ token_file: join(home.path, "token") }))).toHaveLength(3);
  const { troubles } = await (await open({ branch: "main" })).list();
  expect(troubles[0]).toMatch(/its token is refused, or it needs one: token_file names it/);
});

test("links and what is too large are not read", async () => {
  origin.git("config", "core.symlinks", "true");
  const { symlinkSync } = await import("node:fs");
  symlinkSync("/etc/passwd", join(origin.path, "jobs/out.nomad.hcl"));
  origin.write("jobs/large.nomad.hcl", Buffer.alloc(10 * largest, "x"));
  origin.commit("Add what is not read");
  const library = await open();
  expect(await addresses(library)).not.toContain("platform/jobs/out.nomad.hcl");
  await expect(library.sources[0]?.read("jobs/out.nomad.hcl")).rejects.toThrow("there is no such file");
  await expect(library.sources[0]?.read("jobs/large.nomad.hcl")).rejects.toThrow("has 10 MB");
  await expect(library.sources[0]?.read("../../etc/passwd")).rejects.toThrow("leads out of the library");
});
