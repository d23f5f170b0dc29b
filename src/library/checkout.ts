import * as fs from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { seal } from "../text/sealed.ts";
import { contentAt, lastChanges, plain, type Repository, readCommit } from "./history.ts";
import type { History } from "./source.ts";

/** The checkout that a folder is in: the git directory, and the folder's path in it, with slashes and one at its end. */
export interface Checkout extends Repository {
  readonly root: string;
  readonly within: string;
}

/** The checkout that a folder is in; undefined where it is in none, or nothing was ever committed there. `folder`: a real path. */
export async function findCheckout(folder: string): Promise<Checkout | undefined> {
  for (let root = folder; ; root = dirname(root)) {
    const gitdir = await gitDirectory(root);
    if (gitdir !== undefined) {
      const { default: git } = await import("isomorphic-git");
      const path = relative(root, folder).split(sep).join("/");
      return { git, fs, gitdir, cache: {}, root, within: path === "" ? "" : `${path}/` };
    }
    if (root === dirname(root)) return undefined;
  }
}

/** What git knows of a folder's files; undefined as {@link findCheckout}. */
export async function checkoutHistory(folder: string): Promise<History | undefined> {
  const checkout = await findCheckout(folder);
  if (checkout === undefined) return undefined;
  const { git, within } = checkout;
  const oid = await headOf(checkout);
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

async function headOf(checkout: Checkout): Promise<string | undefined> {
  try {
    return await checkout.git.resolveRef({ ...plain(checkout), ref: "HEAD" });
  } catch (error) {
    if (error instanceof checkout.git.Errors.NotFoundError) return undefined;
    throw error;
  }
}

/** Of a worktree or a submodule `.git` is a file that says where it is. */
async function gitDirectory(root: string): Promise<string | undefined> {
  const path = join(root, ".git");
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return path;
  if (!found?.isFile()) return undefined;
  const said = /^gitdir: (.*)$/m.exec(await readFile(path, "utf8"))?.[1]?.trim();
  if (said === undefined) return undefined;
  const own = join(said.startsWith("/") ? "" : root, said);
  // Of a worktree, whose refs and objects are in the directory of the whole, the library reads nothing.
  const common = (await readFile(join(own, "commondir"), "utf8").catch(() => "")).trim();
  return common === "" ? own : undefined;
}
