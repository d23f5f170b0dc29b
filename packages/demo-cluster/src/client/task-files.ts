import type { Allocation } from "../state/types.ts";
import type { AllocRunner } from "./alloc-runner.ts";
import { type Entry, filesOf } from "./files.ts";
import type { TaskRunner } from "./task-runner.ts";

/** What a task sees of files: those of its allocation, and a few that every system has. */
export interface TaskFiles {
  /** What is at a path; undefined where nothing is. */
  at(path: string): Entry | undefined;
  /** The folder in which its commands begin. */
  readonly home: string;
}

/** A container has its folders at the root; what is not isolated sees them where the node has them. */
export function taskFiles(alloc: Allocation, runner: AllocRunner, { task }: TaskRunner): TaskFiles {
  const isContainer = task.Driver === "docker";
  const top = filesOf(runner, alloc.CreateTime);
  const own = top.entries?.find(({ name }) => name === task.Name);
  const onNode = `/opt/nomad/data/alloc/${alloc.ID}`;
  const etc = folder("etc", [
    file("hostname", `${isContainer ? alloc.ID.slice(0, 12) : alloc.NodeName}\n`),
    file("hosts", "127.0.0.1\tlocalhost\n"),
    file("resolv.conf", "nameserver 10.0.0.2\nsearch node.internal\noptions edns0\n"),
  ]);
  const shared = top.entries?.filter(({ name }) => name === "alloc") ?? [];
  const root = folder("", isContainer ? [etc, ...shared, ...(own?.entries ?? [])] : [etc]);
  const home = isContainer ? "/" : `${onNode}/${task.Name}`;
  return {
    home,
    at(path) {
      const whole = path.startsWith("/") ? path : `${home}/${path}`;
      const [from, rest] = whole.startsWith(onNode) ? [top, whole.slice(onNode.length)] : [root, whole];
      return isContainer && whole.startsWith(onNode) ? undefined : below(from, rest);
    },
  };
}

function below(top: Entry, path: string): Entry | undefined {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.reduce<Entry | undefined>((at, part) => at?.entries?.find(({ name }) => name === part), top);
}

function file(name: string, text: string): Entry {
  return { name, changed: 0, bytes: () => Buffer.from(text) };
}

function folder(name: string, entries: readonly Entry[]): Entry {
  return { name, changed: 0, entries, bytes: () => Buffer.alloc(0) };
}
