import { literal } from "../../../api/request/path.ts";
import type { Job, Service } from "../../../endpoints/job.ts";

/** A name inside a job that was searched for. */
export interface Inside {
  readonly kind: "group" | "task" | "service" | "driver" | "image" | "command";
  readonly name: string;
  /** Of a service that Nomad itself registers: its addresses can be asked for. */
  readonly registered?: boolean;
}

/** What an image or a command looks like in which nothing is hidden: no address with a password, no pair, no words. */
const plain = "^[A-Za-z0-9_./:-]*(@sha256:[0-9a-f]*)?$";

/**
 * A filter for `/v1/jobs` of those that hold a name which matches `pattern` (RE2) in a group, service, task, driver,
 * image or command. `any` stands in parentheses behind `and`: Nomad's grammar takes it nowhere else (seen on 2.0.6).
 */
export function insideFilter(pattern: string): string {
  const text = literal(pattern);
  const config = (key: string) =>
    `("${key}" in t.Config and t.Config.${key} matches ${literal(plain)} and t.Config.${key} matches ${text})`;
  const ofTask = `t.Name matches ${text} or t.Driver matches ${text} or ${config("image")} or ${config("command")}`;
  const service = (of: string) => `(any ${of}.Services as s { s.Name matches ${text} })`;
  const task = `(any g.Tasks as t { ${ofTask} or ${service("t")} })`;
  return `ParentID == "" and (any TaskGroups as g { g.Name matches ${text} or ${service("g")} or ${task} })`;
}

/** What is searched for, and where: in names as they are shown, so that no masked one can be asked for. */
export interface SoughtName {
  readonly text: string;
  /** Takes out of a name what is secret. */
  mask(text: string): string;
}

/** True for a name that holds what is searched for, upper and lower case alike. */
export function holds(name: string, { text, mask }: SoughtName): boolean {
  return mask(name).toLowerCase().includes(text.toLowerCase());
}

/** The names inside a job that hold what is searched for, each once. */
export function namesInside(job: Job, sought: SoughtName): Inside[] {
  const found = new Map<string, Inside>();
  const add = (kind: Inside["kind"], name: unknown, registered = false) => {
    if (typeof name === "string" && holds(name, sought)) found.set(`${kind} ${name}`, { kind, name, registered });
  };
  const addService = ({ Name, Provider }: Service) => add("service", Name, Provider === "nomad");
  for (const group of job.TaskGroups ?? []) {
    add("group", group.Name);
    for (const service of group.Services ?? []) addService(service);
    for (const task of group.Tasks ?? []) {
      add("task", task.Name);
      add("driver", task.Driver);
      add("image", task.Config?.image);
      add("command", task.Config?.command);
      for (const service of task.Services ?? []) addService(service);
    }
  }
  return [...found.values()];
}
