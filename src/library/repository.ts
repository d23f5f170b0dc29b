import * as fs from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AuthCallback, HttpClient } from "isomorphic-git";
import { Refusal } from "../api/errors/refusal.ts";
import { seal } from "../text/sealed.ts";
import { span } from "../text/time.ts";
import { blobsBelow, hasFolder } from "./blobs.ts";
import { fetchTrouble } from "./fetch-trouble.ts";
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
  /** So long does a call wait for a fetch, in ms; it goes on without it. 20 s where it is not said. */
  readonly patience?: number;
}

/** So many commits are fetched: enough to know when most files were last changed. */
const depth = 100;
/** With more packs than this the copy is made anew, since nothing else makes it smaller. */
const mostPacks = 50;
/** ms until a repository that could not be fetched is looked at again, where `pull` is longer. */
const retry = 30_000;
/** So many characters of its files are kept in memory. */
const mostKept = 16 * 1_048_576;

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
  const { patience = 20_000 } = keeping;
  let state: State | undefined;
  let trouble: string | undefined;
  let next = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  /** Whether a call waited in vain for the look that is under way. */
  let isLate = false;
  let repository: Repository | undefined;
  /** Texts that were read, by the ids of their contents: to find it in a pack takes longer than the rest of a call. */
  const texts = new Map<string, string>();
  let room = mostKept;
  let files: { readonly of: string; readonly blobs: ReadonlyMap<string, string> } | undefined;

  async function opened(): Promise<Repository> {
    const { default: git } = await import("isomorphic-git");
    repository ??= { git, fs, gitdir, cache: {} };
    return repository;
  }

  /** The branch as it is now, or as it was when it could be reached last. */
  async function current(): Promise<State> {
    if (keeping.now() >= next && looking === undefined) {
      isLate = false;
      looking = look().finally(() => {
        looking = undefined;
      });
    }
    if (looking !== undefined && !(isLate && state !== undefined)) isLate = !(await endsWithin(looking, patience));
    if (looking !== undefined) state ??= await keptState();
    if (state !== undefined) return state;
    throw new Refusal(
      (looking === undefined ? trouble : undefined) ??
        `The repository ${name} is still being fetched, after ${span(patience)}: call again in a moment.`,
    );
  }

  /** Why the state is not the newest. */
  function staleness(): string | undefined {
    if (looking === undefined || state === undefined) return trouble;
    return `The repository ${name} is still being fetched: what is told is of commit ${state.oid.slice(0, 8)}.`;
  }

  async function look(): Promise<void> {
    let wait = pull;
    try {
      if (await makeRoom(gitdir)) state = repository = files = undefined;
      const opening = await opened();
      await opening.git.init({ fs, gitdir, bare: true, dir: gitdir });
      await opening.git.addRemote({ ...plain(opening), remote: "origin", url, force: true });
      const { fetchHead, defaultBranch } = await opening.git.fetch({
        ...plain(opening),
        ...{ http: keeping.http, remote: "origin", depth, singleBranch: true, tags: false },
        ...(settings.branch !== undefined && { ref: settings.branch }),
        ...auth(keeping),
      });
      if (fetchHead === null) throw new Refusal("it has no commit yet");
      const branch = settings.branch ?? (defaultBranch ? seal(defaultBranch.replace("refs/heads/", "")) : undefined);
      state = { oid: fetchHead, branch };
      trouble = undefined;
      await opening.git.writeRef({ ...plain(opening), ref: lastFetched, value: fetchHead, force: true });
    } catch (error) {
      state ??= await keptState();
      const why = fetchTrouble(error, settings.branch);
      const stale = state === undefined ? "" : `: what is told is of commit ${state.oid.slice(0, 8)}`;
      trouble = `The repository ${name} cannot be fetched (${why})${stale}.`;
      wait = Math.min(pull, retry);
    }
    next = keeping.now() + wait;
  }

  /** The files of a commit, by path, as the ids of their contents; those of the last one that was asked for are kept. */
  async function blobsOf(oid: string): Promise<ReadonlyMap<string, string>> {
    if (files?.of === oid) return files.blobs;
    const blobs = new Map<string, string>();
    for await (const [path, blob] of blobsBelow(await opened(), oid, within)) blobs.set(path, blob);
    files = { of: oid, blobs };
    return blobs;
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

  function keep(content: string, text: string): void {
    room -= text.length;
    if (room < 0) {
      texts.clear();
      room = mostKept - text.length;
    }
    texts.set(content, text);
  }

  return {
    name,
    write: "off",
    async list(patterns) {
      const { default: match } = await import("picomatch");
      const fits = match([...patterns]);
      const { oid } = await current();
      const blobs = await blobsOf(oid);
      if (blobs.size === 0 && within !== "" && !(await hasFolder(await opened(), oid, within.slice(0, -1))))
        throw noFolder(name, within.slice(0, -1), oid);
      return [...blobs.keys()].filter((path) => fits(path)).sort();
    },
    async read(path) {
      const address = `${name}/${path}`;
      const { oid } = await current();
      const opening = await opened();
      const content = (await blobsOf(oid)).get(plainPath(path, address));
      if (content === undefined) throw noFile(address);
      const read = texts.get(content);
      if (read !== undefined) return read;
      const { blob } = await opening.git.readBlob({ ...plain(opening), oid: content });
      if (blob.byteLength > largest) throw tooLarge(address, blob.byteLength);
      const text = textOf(blob, address);
      keep(content, text);
      return text;
    },
    async history() {
      const { oid, branch } = await current();
      const opening = await opened();
      return {
        head: await readCommit(opening, oid),
        ...{ branch, trouble: staleness() },
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

/** That the folder is not there that the settings name in it. */
function noFolder(name: string, path: string, oid: string): Refusal {
  return new Refusal(
    `The repository ${name} has no folder ${path} in commit ${oid.slice(0, 8)}: path in its settings names it.`,
  );
}

/** Whether something ends within so many ms. */
async function endsWithin(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((passed) => {
    timer = setTimeout(() => passed(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Makes the folder of a copy, and removes one that has grown too large. Gives whether it did. */
async function makeRoom(gitdir: string): Promise<boolean> {
  const packs = await readdir(join(gitdir, "objects/pack")).catch(() => []);
  const isFull = packs.filter((file) => file.endsWith(".pack")).length > mostPacks;
  if (isFull) await rm(gitdir, { recursive: true, force: true });
  await mkdir(gitdir, { recursive: true, mode: 0o700 });
  return isFull;
}
