import { Refusal } from "../../../api/errors/refusal.ts";
import type { Allocation } from "../../../endpoints/allocations.ts";
import { all } from "../../../text/words.ts";
import { tasksOf } from "../allocation.ts";

/**
 * A path inside an allocation, from its root: `/main/local/app.conf`. It may be given with or without the first slash.
 *
 * @throws Refusal where it leads out of the allocation.
 */
export function pathIn(given: string): string {
  const parts: string[] = [];
  for (const part of given.trim().split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw new Refusal(outside(given));
  }
  return `/${parts.join("/")}`;
}

/** What is told of a path that leads out, by itself or through a link. */
export const outside = (path: string) =>
  `${path} leads out of the allocation: only what is in its own folders can be read. The root filesystem of a container is not among them.`;

/** @throws Refusal for what is in the folders of a task that Nomad keeps for secrets. */
export function requireNoSecrets(allocation: Allocation, path: string): void {
  const [, task = "", folder = ""] = path.split("/");
  const names = tasksOf(allocation).map(({ Name }) => Name);
  if (!names.includes(task) || !(folder === "secrets" || folder === "private")) return;
  throw new Refusal(`Nobody is shown files of ${task}/${folder}: Nomad keeps the task's secrets there.`);
}

/** Where the files of an allocation are, for who named a path that is not there: "alloc and main". */
export function rootFolders(allocation: Allocation): string {
  return all(["alloc", ...tasksOf(allocation).map(({ Name }) => Name)]);
}
