import type git from "isomorphic-git";
import type { PromiseFsClient } from "isomorphic-git";
import { seal } from "../text/sealed.ts";
import type { Commit } from "./source.ts";

/** A git directory, and what was read of it. */
export interface Repository {
  readonly git: typeof git;
  readonly fs: PromiseFsClient;
  readonly gitdir: string;
  /** What isomorphic-git keeps of packed files. */
  readonly cache: object;
}

/** So far back is looked for the commit that changed a file. */
const mostCommits = 400;

/** A commit of a repository. */
export async function readCommit(
  repository: Repository,
  oid: string,
): Promise<Commit & { readonly parents: string[] }> {
  const { commit } = await repository.git.readCommit({ ...plain(repository), oid });
  const [subject = ""] = commit.message.trim().split("\n");
  return {
    id: oid,
    author: seal(commit.author.name),
    time: commit.committer.timestamp * 1000,
    subject: seal(subject.trim()),
    parents: commit.parent,
  };
}

/** What a commit holds at a path, as the id of its content; undefined where it holds nothing there. */
export async function contentAt(repository: Repository, oid: string, path: string): Promise<string | undefined> {
  return (await contentsAt(repository, oid, [path])).get(path);
}

/**
 * The last commit that changed each of some files, walking back from `head` along the parents that have them as they are, as
 * `git log` does; without those that were not changed in the last {@link mostCommits} commits, or before the copy begins.
 */
export async function lastChanges(
  repository: Repository,
  head: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Commit>> {
  const found = new Map<string, Commit>();
  const begun = await contentsAt(repository, head, paths);
  // Commits still to be looked at, and the files that are in them as they are now.
  const waiting = new Map<string, Set<string>>([[head, new Set(begun.keys())]]);
  for (let looked = 0; looked < mostCommits && waiting.size > 0; looked++) {
    const [next] = waiting;
    if (next === undefined) break;
    const [oid, files] = next;
    waiting.delete(oid);
    const commit = await readCommit(repository, oid);
    const left = new Set(files);
    for (const parent of commit.parents) {
      const before = await contentsAt(repository, parent, [...left]).catch(() => undefined);
      // Not in a shallow copy: it may have been changed in this commit or in any before.
      if (before === undefined) {
        left.clear();
        break;
      }
      const same = [...left].filter((path) => before.get(path) === begun.get(path));
      if (same.length === 0) continue;
      waiting.set(parent, new Set([...(waiting.get(parent) ?? []), ...same]));
      for (const path of same) left.delete(path);
    }
    for (const path of left) found.set(path, commit);
  }
  return found;
}

/** What a commit holds at some paths; each folder is read once. */
async function contentsAt(
  repository: Repository,
  oid: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { git } = repository;
  const folders = new Map<string, ReturnType<typeof git.readTree>>();
  const root = await git.readTree({ ...plain(repository), oid });

  async function entry(path: string): Promise<{ readonly oid: string; readonly type: string } | undefined> {
    const at = path.lastIndexOf("/");
    const name = path.slice(at + 1);
    if (at === -1) return root.tree.find((each) => each.path === name);
    const above = await entry(path.slice(0, at));
    if (above?.type !== "tree") return undefined;
    const folder = folders.get(above.oid) ?? git.readTree({ ...plain(repository), oid: above.oid });
    folders.set(above.oid, folder);
    return (await folder).tree.find((each) => each.path === name);
  }

  const found = new Map<string, string>();
  for (const path of paths) {
    const content = await entry(path);
    if (content?.type === "blob") found.set(path, content.oid);
  }
  return found;
}

/** What every function of isomorphic-git is told. */
export const plain = ({ fs, gitdir, cache }: Repository) => ({ fs, gitdir, cache });
