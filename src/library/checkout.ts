import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { seal } from "../text/sealed.ts";
import { gitFiles } from "./git-files.ts";
import { contentAt, lastChanges, plain, type Repository, readCommit } from "./history.ts";
import type { History } from "./source.ts";

/** The checkout that a folder is in: the git directory, and the folder's path in it, with slashes and one at its end. */
export interface Checkout extends Repository {
  readonly root: string;
  readonly within: string;
  /** Where its branches are: the git directory, or that of the whole where it is one of several worktrees. */
  readonly common: string;
  /** Why git alone can read it, as the end of a sentence. */
  readonly foreign?: string | undefined;
}

/** The checkout that a folder is in; undefined where it is in none. `folder`: a real path. */
export async function findCheckout(folder: string): Promise<Checkout | undefined> {
  for (let root = folder; ; root = dirname(root)) {
    const found = await gitDirectory(root);
    if (found !== undefined) {
      const { default: git } = await import("isomorphic-git");
      const path = relative(root, folder).split(sep).join("/");
      const repository = { git, fs: gitFiles(found.gitdir, found.common), gitdir: found.gitdir, cache: {} };
      const foreign = await foreignFormat(repository);
      return { ...repository, root, within: path === "" ? "" : `${path}/`, common: found.common, foreign };
    }
    if (root === dirname(root)) return undefined;
  }
}

/** What git knows of a folder's files; undefined as {@link findCheckout}, and where nothing was ever committed. */
export async function checkoutHistory(folder: string): Promise<History | undefined> {
  const checkout = await findCheckout(folder);
  return checkout === undefined || checkout.foreign !== undefined ? undefined : await historyOf(checkout, folder);
}

/** What git knows of the files of a folder that is in a checkout; undefined where nothing was ever committed. */
export async function historyOf(checkout: Checkout, folder: string): Promise<History | undefined> {
  const { git, within } = checkout;
  const oid = await commitOf(checkout, "HEAD");
  if (oid === undefined) return undefined;
  const branch = await git.currentBranch(plain(checkout));
  return {
    head: await readCommit(checkout, oid),
    branch: branch ? seal(branch) : undefined,
    async lastChanges(paths) {
      const changes = await lastChanges(
        checkout,
        oid,
        paths.map((path) => within + path),
      );
      return new Map([...changes].map(([path, commit]) => [path.slice(within.length), commit]));
    },
    async isCommitted(path) {
      const now = await readFile(join(folder, path)).catch(() => undefined);
      if (now === undefined) return false;
      const committed = await contentAt(checkout, oid, within + path);
      return committed !== undefined && (await sameContent(checkout, committed, now));
    },
  };
}

/** A checkout may have the line ends of its machine, which git turns into its own (core.autocrlf). */
async function sameContent(checkout: Checkout, committed: string, now: Buffer): Promise<boolean> {
  const { git } = checkout;
  if ((await git.hashBlob({ object: now })).oid === committed) return true;
  const lines = Buffer.from(now.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
  return (await git.hashBlob({ object: lines })).oid === committed;
}

/** The commit that a branch or HEAD is at; undefined where there is none yet. */
export async function commitOf(checkout: Checkout, ref: string): Promise<string | undefined> {
  try {
    return await checkout.git.resolveRef({ ...plain(checkout), ref });
  } catch (error) {
    if (error instanceof checkout.git.Errors.NotFoundError) return undefined;
    throw error;
  }
}

/** Ways to keep a repository that isomorphic-git does not know. */
async function foreignFormat({ git, fs, gitdir }: Repository): Promise<string | undefined> {
  const said = async (path: string) => String((await git.getConfig({ fs, gitdir, path })) ?? "").toLowerCase();
  const format = await said("extensions.objectformat");
  if (format !== "" && format !== "sha1") return `its objects are kept as ${seal(format)}, which only git reads`;
  const refs = await said("extensions.refstorage");
  if (refs !== "" && refs !== "files") return `its branches are kept as ${seal(refs)}, which only git reads`;
  return undefined;
}

/** A git directory, and the one that has what its worktrees share. */
interface GitDirectory {
  readonly gitdir: string;
  readonly common: string;
}

/** Of a worktree or a submodule `.git` is a file that says where it is. What has no HEAD is none, as for git itself. */
async function gitDirectory(root: string): Promise<GitDirectory | undefined> {
  const path = join(root, ".git");
  const found = await stat(path).catch(() => undefined);
  const said = found?.isFile() ? /^gitdir: (.*)$/m.exec(await readFile(path, "utf8"))?.[1]?.trim() : undefined;
  const gitdir = said === undefined ? path : resolve(root, said);
  const head = await stat(join(gitdir, "HEAD")).catch(() => undefined);
  if (!head?.isFile()) return undefined;
  const common = (await readFile(join(gitdir, "commondir"), "utf8").catch(() => "")).trim();
  return { gitdir, common: resolve(gitdir, common) };
}
