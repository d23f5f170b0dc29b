import { fromGoTime } from "../gotime.ts";
import type { AllocRunner } from "./alloc-runner.ts";
import type { TaskRunner } from "./task-runner.ts";

/** A folder or a file on a client. */
export interface Entry {
  readonly name: string;
  /** When it changed last (ns). */
  readonly changed: number;
  /** What a folder holds; undefined for a file. */
  readonly entries?: readonly Entry[];
  readonly bytes: () => Buffer;
}

const nothing = () => Buffer.alloc(0);

/** The folders that a client makes for an allocation, with the logs of its tasks and their templates, as far as they are rendered. */
export function filesOf({ tasks }: AllocRunner, created: number): Entry {
  const folder = (name: string, entries: readonly Entry[] = []): Entry => {
    return { name, changed: Math.max(created, ...entries.map(({ changed }) => changed)), entries, bytes: nothing };
  };
  const all = [...tasks.values()];
  const logs = all.flatMap(logsOf);
  const ofTask = (runner: TaskRunner) => {
    const rendered = renderedBy(runner);
    const inside = (name: string) =>
      folder(
        name,
        rendered.filter(([place]) => place === name).map(([, entry]) => entry),
      );
    return folder(runner.task.Name, ["local", "private", "secrets", "tmp"].map(inside));
  };
  return folder("", [folder("alloc", [folder("data"), folder("logs", logs), folder("tmp")]), ...all.map(ofTask)]);
}

function logsOf({ task, state, logs }: TaskRunner): Entry[] {
  if (state.StartedAt === null) return [];
  const changed = fromGoTime(state.StartedAt);
  return (["stderr", "stdout"] as const).flatMap((stream) =>
    logs[stream].files().map(({ number, bytes }) => ({ name: `${task.Name}.${stream}.${number}`, changed, bytes })),
  );
}

/** The templates of a task that has started which say the same wherever they are rendered, each with its folder. */
function renderedBy({ task, state }: TaskRunner): [folder: string, entry: Entry][] {
  if (state.StartedAt === null) return [];
  const changed = fromGoTime(state.StartedAt);
  return (task.Templates ?? []).flatMap(({ DestPath, EmbeddedTmpl }) => {
    const [, folder, name] = /^(local|secrets)\/([^/]+)$/.exec(String(DestPath ?? "")) ?? [];
    const text = String(EmbeddedTmpl ?? "");
    if (folder === undefined || name === undefined || text.includes("{{")) return [];
    return [[folder, { name, changed, bytes: () => Buffer.from(text) }] as [string, Entry]];
  });
}
