import type { Task } from "../state/job-types.ts";

/** What becomes of a task before its driver sees it. */
export type Preparation = { readonly kind: "ready" | "artifact" | "template"; readonly message: string };

/** Whether there is a variable. */
export type HasVariable = (namespace: string, path: string) => boolean;

/**
 * Fetches artifacts and renders templates. Nobody listens on port 1; a template that is made of a variable that there is
 * not waits for it, as on a real node.
 */
export function prepare(task: Task, namespace: string, hasVariable: HasVariable): Preparation {
  for (const { GetterSource } of task.Artifacts ?? []) {
    const source = String(GetterSource ?? "");
    const host = /^https?:\/\/([^/]+:1)\//.exec(source)?.[1];
    if (host === undefined) continue;
    const failure = `Get ${JSON.stringify(source)}: dial tcp ${host}: connect: connection refused`;
    const getter = `getter subprocess failed: exit status 1: failed to download artifact: ${failure}`;
    return { kind: "artifact", message: `failed to download artifact ${JSON.stringify(source)}: ${getter}` };
  }
  for (const template of task.Templates ?? []) {
    const path = variableOf(template);
    if (path !== undefined && !hasVariable(namespace, path))
      return { kind: "template", message: `Missing: nomad.var.block(${path}@${namespace}.global)` };
  }
  return { kind: "ready", message: "" };
}

type Template = NonNullable<Task["Templates"]>[number];

/** The variable that a template is made of. */
function variableOf({ EmbeddedTmpl }: Template): string | undefined {
  return /\bwith nomadVar "([^"]+)"/.exec(String(EmbeddedTmpl ?? ""))?.[1];
}

/** The template of a task that is made of a variable. */
export function templateOf(task: Task, path: string): Template | undefined {
  return (task.Templates ?? []).find((template) => variableOf(template) === path);
}
