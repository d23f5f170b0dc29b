import { literal } from "../../api/path.ts";
import type { Job } from "../../api/types.ts";

/** A name inside a job that was searched for. */
export interface Inside {
  readonly kind: "group" | "task" | "service" | "driver" | "image" | "command";
  readonly name: string;
}

/**
 * A filter for `/v1/jobs` of those that hold a name which matches `pattern` (RE2) in a group, service, task, driver,
 * image or command. `any` stands in parentheses behind `and`: Nomad's grammar takes it nowhere else (seen on 2.0.6).
 */
export function insideFilter(pattern: string): string {
  const text = literal(pattern);
  const config = (key: string) => `("${key}" in t.Config and t.Config.${key} matches ${text})`;
  const ofTask = `t.Name matches ${text} or t.Driver matches ${text} or ${config("image")} or ${config("command")}`;
  const service = (of: string) => `(any ${of}.Services as s { s.Name matches ${text} })`;
  const task = `(any g.Tasks as t { ${ofTask} or ${service("t")} })`;
  return `ParentID == "" and (any TaskGroups as g { g.Name matches ${text} or ${service("g")} or ${task} })`;
}

/** The names inside a job that hold `text`, upper and lower case alike, each once. */
export function namesInside(job: Job, text: string): Inside[] {
  const wanted = text.toLowerCase();
  const found = new Map<string, Inside>();
  const add = (kind: Inside["kind"], name: unknown) => {
    if (typeof name === "string" && name.toLowerCase().includes(wanted)) found.set(`${kind} ${name}`, { kind, name });
  };
  for (const group of job.TaskGroups ?? []) {
    add("group", group.Name);
    for (const { Name } of group.Services ?? []) add("service", Name);
    for (const task of group.Tasks ?? []) {
      add("task", task.Name);
      add("driver", task.Driver);
      add("image", task.Config?.image);
      add("command", task.Config?.command);
      for (const { Name } of task.Services ?? []) add("service", Name);
    }
  }
  return [...found.values()];
}
