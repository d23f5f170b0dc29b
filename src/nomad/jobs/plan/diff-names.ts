import { jobStructs, type Key, snakeCase } from "../file/job-keys.ts";

/** What a part of a job is called in a job file, and what is in it. */
export interface Named {
  /** `max_parallel`, `env LOG_LEVEL`, `args[0]` */
  readonly name: string;
  /** The struct in which its own parts are named, or the type of its value. */
  readonly type: string;
}

/** What a diff's object is called in HCL. `struct` is the struct in which it stands; a diff has the name of one of many. */
export function nameOfObject(struct: string, object: string): Named {
  // "Dynamic Port", "Static Port"
  if (object.endsWith(" Port")) return { name: "port", type: "Port" };
  const bare = object.replace(/^Consul(?=.)/, "");
  const key = keyIn(struct, object) ?? keyIn(struct, `${object}s`) ?? keyIn(struct, bare) ?? keyIn(struct, `${bare}s`);
  if (object === "Identity") return { name: "identity", type: "WorkloadIdentity" };
  return { name: key?.hcl ?? snakeCase(object), type: key ? memberType(key.type) : "any" };
}

/** What a diff's field is called in HCL; what is a driver's own keeps its name. */
export function nameOfField(struct: string, field: string): Named {
  const [, word = field, rest = ""] = /^(\w+)(.*)$/s.exec(field) ?? [];
  const key = keyIn(struct, word);
  const name = key?.hcl ?? (jobStructs().has(struct) ? snakeCase(word) : word);
  // `Env[LOG_LEVEL]` is a variable, `args[0]` the first of a list.
  const within = key?.type.startsWith("{}") ? ` ${rest.replace(/^\[(.*)\]$/s, "$1")}` : rest;
  return { name: `${name}${within}`, type: key ? memberType(key.type) : "any" };
}

function keyIn(struct: string, name: string): Key | undefined {
  return jobStructs().get(struct)?.get(name.toLowerCase());
}

const memberType = (type: string) => type.replace(/^(?:\[\]|\{\})+/, "");
