import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { TreeEntry } from "isomorphic-git";
import { Refusal } from "../api/errors/refusal.ts";
import { unseal } from "../text/sealed.ts";
import { type Checkout, findCheckout } from "./checkout.ts";
import { contentAt, plain, readCommit } from "./history.ts";
import type { Commit, Source } from "./source.ts";

/** A change of one file that is to be committed. */
export interface Committing {
  readonly source: Source;
  readonly path: string;
  readonly text: string;
  readonly message: string;
  /** Who is said to have made it. */
  readonly author: string;
}

/** A checkout that can take a commit of one file. */
export interface Committable {
  /** Commits this text of the file, and nothing else that is staged. Nothing is pushed, no hook is run. */
  commit(change: Omit<Committing, "source" | "path">): Promise<Commit>;
}

/**
 * The checkout of a file, where a change of it can be committed.
 *
 * @throws Refusal where there is none, a merge or rebase is under way, or the file has changes that nobody committed.
 */
export async function committable(source: Source, path: string): Promise<Committable> {
  const address = `${source.name}/${path}`;
  const checkout = await findCheckout(await realpath(source.folder ?? ""));
  if (checkout === undefined)
    throw new Refusal(`${address} is in no git checkout: it cannot be committed. Nothing was changed.`);
  const under = ["MERGE_HEAD", "rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD"].find((name) =>
    existsSync(join(checkout.gitdir, name)),
  );
  if (under !== undefined) {
    throw new Refusal(
      `In the checkout of ${source.name} a merge or rebase is under way: end it first. Nothing was changed.`,
    );
  }
  const history = await source.history();
  const inCommit = checkout.within + path;
  const before = history && (await contentAt(checkout, history.head.id, inCommit));
  if (before !== undefined && !(await history?.isCommitted(path))) {
    throw new Refusal(
      `${address} has changes that are not committed, which would be in the commit: commit or undo them first. Nothing was changed.`,
    );
  }
  return {
    async commit({ text, message, author }) {
      const { git } = checkout;
      const blob = await git.writeBlob({
        ...plain(checkout),
        blob: Buffer.from(await asCommitted(checkout, before, text)),
      });
      const tree = await withFile(checkout, history?.head.id, inCommit.split("/"), blob);
      const by = { name: author, email: `${author.replaceAll(/[^\w.-]+/g, "-")}@nomad-mcp.invalid` };
      const oid = await git.commit({ ...plain(checkout), message, tree, author: by, committer: by });
      // Else git would show what was committed as a change that was staged to be undone.
      await git.updateIndex({ ...plain(checkout), dir: checkout.root, filepath: inCommit, add: true });
      return await readCommit(checkout, oid);
    },
  };
}

/** With the line ends that the commit has, where those of the checkout are its machine's (core.autocrlf). */
async function asCommitted(checkout: Checkout, before: string | undefined, text: string): Promise<string> {
  const whole = unseal(text);
  if (before === undefined) return whole;
  const { blob } = await checkout.git.readBlob({ ...plain(checkout), oid: before });
  return Buffer.from(blob).includes("\r\n") ? whole : whole.replaceAll("\r\n", "\n");
}

/** The tree of a commit with another content at one path; each folder of the path is written anew. */
async function withFile(
  checkout: Checkout,
  oid: string | undefined,
  [name = "", ...rest]: readonly string[],
  blob: string,
): Promise<string> {
  const { git } = checkout;
  const { tree } = oid === undefined ? { tree: [] } : await git.readTree({ ...plain(checkout), oid });
  const old = tree.find((entry) => entry.path === name);
  const entry: TreeEntry =
    rest.length === 0
      ? { path: name, type: "blob", mode: old?.mode ?? "100644", oid: blob }
      : {
          ...{ path: name, type: "tree", mode: "040000" },
          oid: await withFile(checkout, old?.type === "tree" ? old.oid : undefined, rest, blob),
        };
  return await git.writeTree({ ...plain(checkout), tree: [...tree.filter((each) => each !== old), entry] });
}
