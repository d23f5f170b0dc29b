import * as fs from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AuthCallback, HttpClient, TreeEntry } from "isomorphic-git";
import { Refusal } from "../api/errors/refusal.ts";
import { seal } from "../text/sealed.ts";
import { contentAt, lastChanges, plain, type Repository, readCommit } from "./history.ts";
import type { RepositorySettings } from "./settings.ts";
import { largest, noFile, plainPath, type Source, textOf, tooLarge } from "./source.ts";

/** What a copy of a repository is kept with. */
export interface Keeping {
  /** The folder of the copies. */
  readonly cache: string;
  /** Requests to where the repository is. */
  readonly http: HttpClient;
  /** The token as it is now. @throws Refusal where its file cannot be read. */
  token(): string | undefined;
  /** ms since the epoch. */
  now(): number;
}

/** So many commits are fetched: enough to know when most files were last changed. */
const depth = 100;
/** With more packs than this the copy is made anew, since nothing else makes it smaller. */
const mostPacks = 50;
/** What links are in a tree: they lead somewhere else, and are not followed. */
const link = "120000";

/** The branch of a repository as it was fetched last. */
interface State {
  readonly oid: string;
  readonly branch: string | undefined;
}

/**
 * A repository of which the server keeps a copy without its files: what is asked for is read from the commit that the branch was
 * at when it was fetched last. Where it cannot be fetched, the last state stays in use and says so.
 */
export function openRepository(settings: RepositorySettings, keeping: Keeping): Source {
  const { name, url, pull, path: folder } = settings;
  const gitdir = join(keeping.cache, keptAs(settings));
  const within = folder === undefined ? "" : `${plainPath(folder, `${name}'s path`)}/`;
  let state: State | undefined;
  let trouble: string | undefined;
  let looked = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let repository: Repository | undefined;

  async function opened(): Promise<Repository> {
    const { default: git } = await import("isomorphic-git");
    repository ??= { git, fs, gitdir, cache: {} };
    return repository;
  }

  /** The branch as it is now, or as it was when it could be reached last. */
  async function current(): Promise<State> {
    if (keeping.now() - looked >= pull) {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    }
    if (state !== undefined) return state;
    throw new Refusal(trouble ?? `The repository ${name} could not be fetched.`);
  }

  async function look(): Promise<void> {
    looked = keeping.now();
    try {
      await makeRoom(gitdir);
      const opening = await opened();
      await opening.git.init({ fs, gitdir, bare: true, dir: gitdir });
      await opening.git.addRemote({ ...plain(opening), remote: "origin", url, force: true });
      const { fetchHead, defaultBranch } = await opening.git.fetch({
        ...plain(opening),
        ...{ http: keeping.http, remote: "origin", depth, singleBranch: true, tags: false },
        ...(settings.branch !== undefined && { ref: settings.branch }),
        ...auth(keeping),
      });
      if (fetchHead === null) throw new Refusal(`the branch ${settings.branch ?? ""} is not there`);
      const branch = settings.branch ?? (defaultBranch ? seal(defaultBranch.replace("refs/heads/", "")) : undefined);
      state = { oid: fetchHead, branch };
      trouble = undefined;
      await opening.git.writeRef({ ...plain(opening), ref: lastFetched, value: fetchHead, force: true });
    } catch (error) {
      state ??= await keptState();
      const why = reason(error);
      const stale = state === undefined ? "" : `: what is told is of commit ${state.oid.slice(0, 8)}`;
      trouble = `The repository ${name} cannot be fetched (${why})${stale}.`;
    }
  }

  /** What an earlier run of the server fetched. */
  async function keptState(): Promise<State | undefined> {
    try {
      const oid = await (await opened()).git.resolveRef({ ...plain(await opened()), ref: lastFetched });
      return { oid, branch: settings.branch };
    } catch {
      return undefined;
    }
  }

  return {
    name,
    write: "off",
    async list(patterns) {
      const { default: match } = await import("picomatch");
      const fits = match([...patterns]);
      const { oid } = await current();
      const found: string[] = [];
      for await (const path of blobsBelow(await opened(), oid, within)) if (fits(path)) found.push(path);
      return found.sort();
    },
    async read(path) {
      const address = `${name}/${path}`;
      const { oid } = await current();
      const opening = await opened();
      const filepath = within + plainPath(path, address);
      const entry = await entryAt(opening, oid, filepath);
      if (entry?.type !== "blob" || entry.mode === link) throw noFile(address);
      const { blob } = await opening.git.readBlob({ ...plain(opening), oid: entry.oid });
      if (blob.byteLength > largest) throw tooLarge(address, blob.byteLength);
      return textOf(blob, address);
    },
    async history() {
      const { oid, branch } = await current();
      const opening = await opened();
      return {
        head: await readCommit(opening, oid),
        ...{ branch, trouble },
        async lastChanges(paths) {
          const changes = await lastChanges(
            opening,
            oid,
            paths.map((path) => within + path),
          );
          return new Map([...changes].map(([path, commit]) => [path.slice(within.length), commit]));
        },
        isCommitted: async (path) => (await contentAt(opening, oid, within + path)) !== undefined,
      };
    },
  };
}

const lastFetched = "refs/nomad-mcp/fetched";

/** A name for the copy: another one for another repository or branch. */
function keptAs({ name, url, branch }: RepositorySettings): string {
  return `${name}-${Buffer.from(`${url}#${branch ?? ""}`)
    .toString("base64url")
    .slice(-24)}.git`;
}

function auth(keeping: Keeping): { onAuth?: AuthCallback; onAuthFailure?: AuthCallback } {
  const token = keeping.token();
  if (token === undefined) return {};
  // The common hosts of repositories take any user with a token, and GitHub's apps this one.
  return {
    onAuth: () => ({ username: "x-access-token", password: token }),
    onAuthFailure: () => ({ cancel: true }),
  };
}

async function makeRoom(gitdir: string): Promise<void> {
  const packs = await readdir(join(gitdir, "objects/pack")).catch(() => []);
  if (packs.filter((file) => file.endsWith(".pack")).length > mostPacks)
    await rm(gitdir, { recursive: true, force: true });
  await mkdir(gitdir, { recursive: true, mode: 0o700 });
}

/** The files below a folder of a commit, by their path in it; links and submodules are left out. */
async function* blobsBelow(repository: Repository, oid: string, within: string): AsyncGenerator<string> {
  const { git } = repository;
  const top = within === "" ? { oid, type: "tree" } : await entryAt(repository, oid, within.slice(0, -1));
  const folders = top?.type === "tree" ? [{ path: "", oid: top.oid }] : [];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { tree } = await git.readTree({ ...plain(repository), oid: folder.oid });
    for (const entry of tree) {
      const path = folder.path === "" ? entry.path : `${folder.path}/${entry.path}`;
      if (entry.type === "tree") folders.push({ path, oid: entry.oid });
      else if (entry.type === "blob" && entry.mode !== link) yield path;
    }
  }
}

/** What a commit has at a path. */
async function entryAt(repository: Repository, oid: string, path: string): Promise<TreeEntry | undefined> {
  const { git } = repository;
  const at = path.lastIndexOf("/");
  const above = at === -1 ? { oid, type: "tree" } : await entryAt(repository, oid, path.slice(0, at));
  if (above?.type !== "tree") return undefined;
  const { tree } = await git.readTree({ ...plain(repository), oid: above.oid });
  return tree.find((entry) => entry.path === path.slice(at + 1));
}

/** Why a repository could not be fetched, in words without its address: that may be secret. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const status = "data" in error ? Number((error.data as { statusCode?: number } | undefined)?.statusCode) : Number.NaN;
  if (status === 401 || status === 403) return "its token is refused, or it needs one: token_file names it";
  if (status === 404) return "there is none at its url, or its token may not see it";
  // What the other side says may be among it.
  return seal(error.message.split("\n", 1)[0] ?? "");
}
