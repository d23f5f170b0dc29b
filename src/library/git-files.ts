import { promises } from "node:fs";
import { join } from "node:path";
import type { PromiseFsClient } from "isomorphic-git";

/** What the worktrees of a repository share; what is not among it, such as HEAD and index, each has for itself. */
const shared = /^[\\/](config|hooks|info|logs|objects|packed-refs|refs|shallow)(?=[\\/]|$)/;

/** What isomorphic-git does with files. */
const calls = [
  ...(["readFile", "writeFile", "unlink", "readdir", "mkdir", "rmdir"] as const),
  ...(["stat", "lstat", "readlink", "symlink"] as const),
];

/**
 * The files of a git directory as isomorphic-git is to see them. `common`: the directory of the whole, where it is that of a
 * worktree. `newIndex`: where its index is written, in place of the one that is read.
 */
export function gitFiles(gitdir: string, common = gitdir, newIndex?: string): PromiseFsClient {
  const placed = (path: string) => {
    const below = path.startsWith(gitdir) ? path.slice(gitdir.length) : "";
    return common !== gitdir && shared.test(below) ? join(common, below) : path;
  };
  const written = (path: string) => (newIndex !== undefined && path === `${gitdir}/index` ? newIndex : placed(path));
  const files = calls.map((name) => {
    const call = promises[name] as (...given: unknown[]) => unknown;
    const at = name === "writeFile" ? written : placed;
    // It calls one without a path, to see whether it gives a promise.
    return [name, (path: unknown, ...rest: unknown[]) => call(typeof path === "string" ? at(path) : path, ...rest)];
  });
  return { promises: Object.fromEntries(files) };
}
