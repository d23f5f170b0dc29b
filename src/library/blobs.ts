import type { TreeEntry } from "isomorphic-git";
import { plain, type Repository } from "./history.ts";

/** What links are in a tree: they lead somewhere else, and are not followed. */
const link = "120000";

/** The files below a folder of a commit, by their path in it, and the ids of their contents; links and submodules are left out. */
export async function* blobsBelow(
  repository: Repository,
  oid: string,
  within: string,
): AsyncGenerator<[string, string]> {
  const { git } = repository;
  const top = within === "" ? { oid, type: "tree" } : await entryAt(repository, oid, within.slice(0, -1));
  const folders = top?.type === "tree" ? [{ path: "", oid: top.oid }] : [];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { tree } = await git.readTree({ ...plain(repository), oid: folder.oid });
    for (const entry of tree) {
      const path = folder.path === "" ? entry.path : `${folder.path}/${entry.path}`;
      if (entry.type === "tree") folders.push({ path, oid: entry.oid });
      else if (entry.type === "blob" && entry.mode !== link) yield [path, entry.oid];
    }
  }
}

/** Whether a commit has a folder at a path. */
export async function hasFolder(repository: Repository, oid: string, path: string): Promise<boolean> {
  return (await entryAt(repository, oid, path))?.type === "tree";
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
