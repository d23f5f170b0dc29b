import { isObject, type JobSpec } from "../file/job-json.ts";
import { jobStructs, type Key, snakeCase } from "../file/job-keys.ts";
import { everywhere, isGivenName, tellingKeys } from "./spec-defaults.ts";
import { block, freeLines, sortedEntries } from "./spec-values.ts";

/** What a block is called by, of the keys that name one of several. */
const labels = ["Name", "Label"];
/** Blocks that are said only where they say something. */
const onlyWithContent = new Set([...everywhere, "Resources", "NetworkResource"]);

/**
 * A part of a job as short lines in the words of a job file, without what equals Nomad's defaults. Keys that Nomad got
 * later than this server are told by their names in snake case. `picked`: the keys that are wanted, all where not given.
 */
export function structLines(part: JobSpec, struct: string, jobType: string, picked?: ReadonlySet<string>): string[] {
  const known = jobStructs().get(struct);
  const order = [...(known?.values() ?? [])].map(({ name }) => name);
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return tellingKeys(struct, part, jobType)
    .filter((key) => picked?.has(key) ?? true)
    .sort((one, other) => place(one) - place(other))
    .flatMap((key) => memberLines(known?.get(key.toLowerCase()), key, part[key], jobType));
}

function memberLines(key: Key | undefined, name: string, value: unknown, jobType: string): string[] {
  const hcl = name === "ReservedPorts" ? "port" : (key?.hcl ?? snakeCase(name));
  const type = key?.type ?? "any";
  const struct = type.replace(/^(?:\[\]|\{\})/, "");
  if (!jobStructs().has(struct)) return freeLines(hcl, value, type);
  if (type.startsWith("[]") && Array.isArray(value)) {
    return value.filter(isObject).flatMap((item) => blockLines(hcl, item, struct, jobType));
  }
  if (type.startsWith("{}") && isObject(value)) {
    return sortedEntries(value).flatMap(([label, item]) =>
      isObject(item) ? blockLines(hcl, { ...item, Name: label }, struct, jobType) : [],
    );
  }
  return isObject(value) ? blockLines(hcl, value, struct, jobType) : freeLines(hcl, value);
}

function blockLines(hcl: string, part: JobSpec, struct: string, jobType: string): string[] {
  if (struct === "Constraint" || struct === "Affinity") return [`${hcl}: ${condition(part)}`];
  const label = labels.map((key) => part[key]).find((text) => typeof text === "string" && text !== "");
  const rest = Object.fromEntries(Object.entries(part).filter(([key]) => label === undefined || !labels.includes(key)));
  const inside = structLines(rest, struct, jobType);
  if (inside.length === 0 && onlyWithContent.has(struct)) return [];
  // What has no name of its own has one of Nomad's.
  const unnamed = hcl === "check" ? isGivenName(label) : hcl === "identity" && label === "default";
  const named = typeof label === "string" && !unnamed;
  return block(named ? `${hcl} "${label}"` : hcl, inside);
}

/** "${attr.kernel.name} = linux", "distinct_hosts", "${node.class} = big (weight 50)". */
function condition({ LTarget, Operand, RTarget, Weight }: JobSpec): string {
  const words = [LTarget, Operand, RTarget].filter((word) => typeof word === "string" && word !== "");
  return `${words.join(" ")}${Weight === undefined ? "" : ` (weight ${Weight})`}`.replaceAll(/\s+/g, " ");
}
