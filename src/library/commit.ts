import { existsSync } from "node:fs";
import { mkdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TreeEntry } from "isomorphic-git";
import { Refusal } from "../api/errors/refusal.ts";
import { seal, unseal } from "../text/sealed.ts";
import { type Checkout, commitOf, findCheckout, historyOf } from "./checkout.ts";
import { gitFiles } from "./git-files.ts";
import { lockIndex } from "./git-index.ts";
import { contentAt, plain, readCommit } from "./history.ts";
import { inTurn } from "./in-turn.ts";
import { type Saving, save } from "./save.ts";
import type { Commit } from "./source.ts";

/** A change of one file that is to be committed. */
export interface Committing extends Saving {
  readonly message: string;
  /** Who is said to have made it. */
  readonly author: string;
  /** Looks once more whether the change is as it was consented to. @throws where it is not. */
  readonly hold?: (() => Promise<void>) | undefined;
}

/**
 * Saves a file and commits that change, and nothing else that is staged. Nothing is pushed, no hook is run. Changes of one checkout
 * are made one after the other, and no git meanwhile: a lock on its index keeps it out.
 *
 * @throws Refusal where there is no checkout or branch, git is in the midst of something, or the file has changes that nobody
 * committed; the file is then as it was.
 */
export async function saveAndCommit(change: Committing): Promise<Commit> {
  const { source, path } = change;
  const address = `${source.name}/${path}`;
  const folder = await realpath(source.folder ?? "");
  const checkout = await findCheckout(folder);
  if (checkout === undefined)
    throw new Refusal(`${address} is in no git checkout: it cannot be committed. Nothing was changed.`);
  if (checkout.foreign !== undefined)
    throw new Refusal(`${address} cannot be committed: ${checkout.foreign}. Nothing was changed.`);
  return await inTurn(checkout.gitdir, async () => {
    try {
      return await committed(change, checkout, folder);
    } catch (error) {
      if (error instanceof Refusal || !(error instanceof Error)) throw error;
      const [why = ""] = error.message.split("\n", 1);
      throw new Refusal(`${address} cannot be committed: ${seal(why.replace(/\.$/, ""))}. Nothing was changed.`);
    }
  });
}

async function committed(change: Committing, checkout: Checkout, folder: string): Promise<Commit> {
  const { source, path, text, message, author } = change;
  const { git, gitdir } = checkout;
  const address = `${source.name}/${path}`;
  await change.hold?.();
  const branch = await branchOf(checkout, source.name);
  const index = await lockIndex(gitdir, source.name);
  try {
    const history = await historyOf(checkout, folder);
    const head = history?.head.id;
    const inCommit = checkout.within + path;
    const before = head && (await contentAt(checkout, head, inCommit));
    if (before !== undefined && !(await history?.isCommitted(path))) {
      throw new Refusal(
        `${address} has changes that are not committed, which would be in the commit: commit or undo them first. Nothing was changed.`,
      );
    }
    // All that may fail comes before the file is changed; what is only written, and in no branch, is nothing to git.
    const blob = await git.writeBlob({
      ...plain(checkout),
      blob: Buffer.from(await asCommitted(checkout, before, text)),
    });
    const { tree, mode } = await withFile(checkout, head, inCommit.split("/"), blob);
    const by = { name: author, email: `${author.replaceAll(/[^\w.-]+/g, "-")}@nomad-mcp.invalid` };
    const oid = await git.commit({
      ...plain(checkout),
      ...{ message, tree, author: by, committer: by, noUpdateBranch: true },
      parent: head === undefined ? [] : [head],
    });
    const commit = await readCommit(checkout, oid);
    const saved = await save(change);
    try {
      // Else git would show what was committed as a change that was staged to be undone.
      await git.updateIndex({
        ...{ dir: checkout.root, filepath: inCommit, oid: blob, mode: Number.parseInt(mode, 8), add: true },
        ...{ fs: gitFiles(gitdir, checkout.common, index.path), gitdir, cache: {} },
      });
      await move(checkout, branch, head, oid);
    } catch (error) {
      await saved.undo();
      throw error;
    }
    await index.take();
    return commit;
  } finally {
    await index.release();
  }
}

/** The branch that takes the commit. @throws Refusal where there is none, or git is in the midst of something. */
async function branchOf(checkout: Checkout, name: string): Promise<string> {
  const under = ["MERGE_HEAD", "rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "REVERT_HEAD"].find((file) =>
    existsSync(join(checkout.gitdir, file)),
  );
  if (under !== undefined) {
    throw new Refusal(`In the checkout of ${name} a merge or rebase is under way: end it first. Nothing was changed.`);
  }
  const branch = await checkout.git.currentBranch({ ...plain(checkout), fullname: true });
  if (branch) return branch;
  throw new Refusal(
    `The checkout of ${name} is on no branch (its HEAD is detached), so that a commit would be lost with the next checkout: switch it to a branch first. Nothing was changed.`,
  );
}

/**
 * Moves a branch from one commit to the next, as git does: nobody else can while its lock is there.
 *
 * @throws Refusal where it is at another commit.
 */
async function move(checkout: Checkout, branch: string, from: string | undefined, to: string): Promise<void> {
  const ref = join(checkout.common, branch);
  const lock = `${ref}.lock`;
  const moved = new Refusal(
    `The branch ${seal(branch.replace("refs/heads/", ""))} was moved by somebody else meanwhile: call again. Nothing was changed.`,
  );
  await mkdir(dirname(ref), { recursive: true });
  await writeFile(lock, `${to}\n`, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? moved : error;
  });
  try {
    if ((await commitOf(checkout, branch)) !== from) throw moved;
    await rename(lock, ref);
  } finally {
    await rm(lock, { force: true });
  }
}

/** With the line ends that the commit has, where those of the checkout are its machine's (core.autocrlf). */
async function asCommitted(checkout: Checkout, before: string | undefined, text: string): Promise<string> {
  const whole = unseal(text);
  if (before === undefined) return whole;
  const { blob } = await checkout.git.readBlob({ ...plain(checkout), oid: before });
  return Buffer.from(blob).includes("\r\n") ? whole : whole.replaceAll("\r\n", "\n");
}

/** The tree of a commit with another content at one path, and the mode that it has there; each folder of the path is written anew. */
async function withFile(
  checkout: Checkout,
  oid: string | undefined,
  [name = "", ...rest]: readonly string[],
  blob: string,
): Promise<{ readonly tree: string; readonly mode: string }> {
  const { git } = checkout;
  const { tree } = oid === undefined ? { tree: [] } : await git.readTree({ ...plain(checkout), oid });
  const old = tree.find((entry) => entry.path === name);
  const below = rest.length > 0 && (await withFile(checkout, old?.type === "tree" ? old.oid : undefined, rest, blob));
  const entry: TreeEntry = below
    ? { path: name, type: "tree", mode: "040000", oid: below.tree }
    : { path: name, type: "blob", mode: old?.mode ?? "100644", oid: blob };
  return {
    tree: await git.writeTree({ ...plain(checkout), tree: [...tree.filter((each) => each !== old), entry] }),
    mode: below ? below.mode : entry.mode,
  };
}
