import { duration } from "../../../text/time.ts";
import { isObject, type JobSpec } from "../file/job-json.ts";
import { jobStructs, type Key, snakeCase } from "../file/job-keys.ts";
import { aligned, attributeText, isIdentifier, quotedText } from "./hcl-text.ts";
import { everywhere, writtenKeys } from "./spec-defaults.ts";
import { objectsIn, sameRestart } from "./spec-sections.ts";
import { sortedEntries } from "./spec-values.ts";

/** The key whose value stands behind the name of a block, in quotes: `task "server" {`. */
const labels: Readonly<Record<string, string>> = {
  ...{ TaskGroup: "Name", Task: "Name", Port: "Label", SpreadTarget: "Value", RequestedDevice: "Name" },
  ...{ Action: "Name", Secret: "Name", MultiregionRegion: "Name" },
};
/** Blocks that are written only where something is in them. */
const onlyWithContent = new Set([...everywhere, "ServiceWeights"]);
/** They go on for long, and come last. */
const longest = new Set(["TaskGroups", "Tasks"]);

/** A part of a job, and where it is written. */
interface Part {
  readonly value: JobSpec;
  /** Of Nomad's JSON. */
  readonly struct: string;
  /** The one that it stands in. */
  readonly parent: string;
  readonly jobType: string;
  readonly indent: string;
}

/**
 * A job as a job file in HCL, of which Nomad makes the same job: without what equals its defaults, and what it keeps of a
 * job for itself. Everything in it is literal: what would be read as an expression of HCL is escaped.
 */
export function jobHcl(job: JobSpec): string {
  const jobType = typeof job.Type === "string" ? job.Type : "service";
  return `${blockText("job", String(job.ID), { value: job, struct: "Job", parent: "", jobType, indent: "" })}\n`;
}

function blockText(name: string, label: string | undefined, part: Part): string {
  const { attributes, blocks } = membersOf(part);
  const head = `${part.indent}${name}${label === undefined ? "" : ` ${quotedText(label)}`} {`;
  if (attributes.length === 0 && blocks.length === 0) return `${head}}`;
  const lines = attributes.length > 0 ? [aligned(attributes, `${part.indent}  `)] : [];
  return `${head}\n${[...lines, ...blocks].join("\n\n")}\n${part.indent}}`;
}

interface Members {
  readonly attributes: (readonly [name: string, value: string])[];
  readonly blocks: string[];
}

function membersOf({ value, struct, parent, jobType, indent }: Part): Members {
  const members: Members = { attributes: [], blocks: [] };
  const known = jobStructs().get(struct);
  const order = [...(known?.values() ?? [])].map(({ name }) => name);
  const place = (key: string) => (order.includes(key) && !longest.has(key) ? order.indexOf(key) : order.length);
  const keys = writtenKeys(struct, value, jobType, parent).filter((key) => key !== labels[struct]);
  for (const key of keys.sort((one, other) => place(one) - place(other))) {
    const inner = { value: value[key], struct, parent, jobType, indent: `${indent}  ` };
    addMember(members, key, known?.get(key.toLowerCase()), struct === "TaskGroup" ? ofGroup(key, inner, value) : inner);
  }
  return members;
}

type Member = Omit<Part, "value"> & { readonly value: unknown };

/** A task has the policy of its group where it has none of its own. */
function ofGroup(key: string, member: Member, group: JobSpec): Member {
  if (key !== "Tasks") return member;
  const own = (task: JobSpec) => (sameRestart(group, task) ? { ...task, RestartPolicy: null } : task);
  return { ...member, value: objectsIn(member.value).map(own) };
}

function addMember({ attributes, blocks }: Members, name: string, key: Key | undefined, member: Member): void {
  const { value, indent } = member;
  const hcl = name === "ReservedPorts" ? "port" : (key?.hcl ?? snakeCase(name));
  const type = key?.type ?? "any";
  const struct = type.replace(/^(?:\[\]|\{\})/, "");
  const add = (part: unknown, label?: string) => {
    if (!isObject(part) || isMadeByNomad(struct, part)) return;
    const text = blockText(hcl, label ?? labelOf(struct, part, name), {
      ...member,
      value: part,
      struct,
      parent: member.struct,
    });
    if (!onlyWithContent.has(struct) || !text.endsWith("{}")) blocks.push(text);
  };
  if (!jobStructs().has(struct)) {
    if (type.startsWith("{}") && isObject(value) && Object.keys(value).every(isIdentifier)) {
      blocks.push(mapBlock(hcl, value, indent));
    } else attributes.push([hcl, type === "duration" ? durationText(value) : attributeText(value, indent)]);
  } else if (type.startsWith("[]")) {
    for (const item of objectsIn(value)) add(item);
  } else if (type.startsWith("{}") && isObject(value)) {
    for (const [label, item] of sortedEntries(value)) {
      const { Name: _, ...rest } = isObject(item) ? item : {};
      add(rest, label);
    }
  } else add(value);
}

/** A policy of a task says of what it is by its type: `scaling "cpu" {`. */
function labelOf(struct: string, part: JobSpec, key: string): string | undefined {
  const label = key === "ScalingPolicies" ? part.Type : part[labels[struct] ?? ""];
  return typeof label === "string" ? label.replace(/^vertical_/, "") : undefined;
}

/** A map whose keys can stand alone, as a job file mostly has it. */
function mapBlock(hcl: string, value: Readonly<Record<string, unknown>>, indent: string): string {
  const inner = `${indent}  `;
  const rows = sortedEntries(value).map(([key, item]) => [key, attributeText(item, inner)] as const);
  return rows.length === 0 ? `${indent}${hcl} {}` : `${indent}${hcl} {\n${aligned(rows, inner)}\n${indent}}`;
}

const durationText = (value: unknown) => (typeof value === "number" ? quotedText(duration(value)) : String(value));

/** The attributes by which Nomad keeps a job to nodes that have what it uses (nomad/job_endpoint_hooks.go). */
const implied =
  /^\$\{attr\.(?:(?:consul|vault)\.(?:[\w-]+\.)?(?:version|grpc)|nomad\.(?:version|service_discovery)|os\.signals|plugins\.cni\.version\.[\w-]+)\}$/;
/** What Consul's mesh adds: tasks by their kind, ports by their label. */
const mesh = /^connect-(?:proxy|ingress|terminating|mesh)[:-]/;

/** What Nomad adds to a job when it is submitted, and adds again. */
function isMadeByNomad(struct: string, { Kind, Label, LTarget }: JobSpec): boolean {
  if (struct === "Task") return mesh.test(String(Kind));
  if (struct === "Port") return mesh.test(String(Label));
  return struct === "Constraint" && implied.test(String(LTarget));
}
