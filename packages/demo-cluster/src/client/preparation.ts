import type { Task } from "../state/job-types.ts";

/** What becomes of a task before its driver sees it. */
export type Preparation = { readonly kind: "ready" | "artifact" | "template"; readonly message: string };

/**
 * Fetches artifacts and renders templates. Nobody listens on port 1, and the demo has no variables: a template that is
 * made of one waits for it, as on a real node.
 */
export function prepare(task: Task, namespace: string): Preparation {
  for (const { GetterSource } of task.Artifacts ?? []) {
    const source = String(GetterSource ?? "");
    const host = /^https?:\/\/([^/]+:1)\//.exec(source)?.[1];
    if (host === undefined) continue;
    const failure = `Get ${JSON.stringify(source)}: dial tcp ${host}: connect: connection refused`;
    const getter = `getter subprocess failed: exit status 1: failed to download artifact: ${failure}`;
    return { kind: "artifact", message: `failed to download artifact ${JSON.stringify(source)}: ${getter}` };
  }
  for (const { EmbeddedTmpl } of task.Templates ?? []) {
    const path = /\bwith nomadVar "([^"]+)"/.exec(String(EmbeddedTmpl ?? ""))?.[1];
    if (path !== undefined)
      return { kind: "template", message: `Missing: nomad.var.block(${path}@${namespace}.global)` };
  }
  return { kind: "ready", message: "" };
}
