import { all, grouped, plural } from "../../../text/words.ts";
import { isObject, type JobSpec } from "../file/job-json.ts";
import { structLines } from "./spec-lines.ts";
import { groupHead, groupsOf, objectsIn, type SectionName, sectionLines, sectionNames } from "./spec-sections.ts";
import { hasLines, indented, valueText } from "./spec-values.ts";

/** A command is told up to here, whole arguments only; characters. */
const longestCommand = 160;
/** What of a driver's config says what a task runs, the first that there is. */
const programs = ["image", "image_path", "jar_path", "class", "command"];

/** What a job runs: a line for each group with its ports, for each task with its program and resources, for each service. */
export function overviewLines(job: JobSpec): string[] {
  return groupsOf(job, {}).flatMap(({ group, tasks }) => [
    [groupHead(group, String(job.Type), false), ...portsOf(group)].join("; "),
    ...indented([
      ...tasks.map((task) => taskLine(task)),
      ...objectsIn(group.Services).map((service) => serviceLine(service)),
      ...tasks.flatMap((task) => objectsIn(task.Services).map((service) => serviceLine(service))),
    ]),
  ]);
}

/** Where a job runs and when it is launched, in one line; empty where it says nothing of that. */
export function jobLine(job: JobSpec): string {
  const keys = new Set(["Priority", "Region", "Datacenters", "NodePool", "Periodic", "ParameterizedJob"]);
  return structLines(job, "Job", String(job.Type), keys).join("; ");
}

/** What the overview tells the gist of. */
const told: readonly SectionName[] = ["networking", "resources"];

/** The sections that hold more than Nomad's defaults and the overview. */
export function furtherSections(job: JobSpec): SectionName[] {
  return sectionNames.filter((section) => !told.includes(section) && sectionLines(job, { section }).length > 0);
}

function portsOf(group: JobSpec): string[] {
  const networks = objectsIn(group.Networks);
  const modes = networks.flatMap(({ Mode }) => (typeof Mode === "string" && Mode !== "" ? [`${Mode} network`] : []));
  const ports = networks.flatMap(({ DynamicPorts, ReservedPorts }) =>
    [...objectsIn(ReservedPorts), ...objectsIn(DynamicPorts)].map(({ Label, Value, To }) => {
      const fixed = Value ? ` ${Value}` : "";
      return `${String(Label)}${fixed}${To ? ` -> ${To}` : ""}`;
    }),
  );
  return [...modes, ...(ports.length > 0 ? [`${ports.length === 1 ? "port" : "ports"} ${all(ports)}`] : [])];
}

function taskLine(task: JobSpec): string {
  const resources = isObject(task.Resources) ? task.Resources : {};
  const { CPU, Cores, MemoryMB, MemoryMaxMB } = resources;
  const hook = isObject(task.Lifecycle) ? task.Lifecycle : {};
  const role = hook.Hook ? ` (${hook.Hook}${hook.Sidecar ? " sidecar" : ""})` : "";
  const most = MemoryMaxMB ? ` up to ${grouped(Number(MemoryMaxMB))}` : "";
  const devices = objectsIn(resources.Devices).map(({ Name, Count }) => `${Count} ${String(Name)}`);
  const parts = [
    program(task),
    Cores ? plural(Number(Cores), "core") : `${grouped(Number(CPU ?? 0))} MHz`,
    `${grouped(Number(MemoryMB ?? 0))}${most} MB`,
    ...devices,
    ...(task.User ? [`user ${String(task.User)}`] : []),
  ];
  return `task ${task.Name}${role}: ${parts.join(", ")}`;
}

/** `docker "nginx:1.27"`, `exec "/bin/app" "-v"`: an argument stands there whole or not at all. */
function program({ Driver, Config }: JobSpec): string {
  const config = isObject(Config) ? Config : {};
  const main = programs.map((key) => config[key]).find((value) => typeof value === "string");
  const command = main === config.command ? undefined : config.command;
  const words = [main, command, ...(Array.isArray(config.args) ? config.args : [])].filter(
    (word) => word !== undefined,
  );
  let text = String(Driver);
  for (const word of words) {
    const next = valueText(word, "any").replaceAll(/\s+/g, " ");
    if (text.length + next.length > longestCommand || hasLines(String(word))) return `${text} …`;
    text += ` ${next}`;
  }
  return text;
}

function serviceLine({ Name, PortLabel, Provider, Checks, Connect }: JobSpec): string {
  const checks = objectsIn(Checks).map(({ Type, Path }) => `${Type}${Path ? ` ${Path}` : ""}`);
  const parts = [
    ...(PortLabel ? [`port ${PortLabel}`] : []),
    Provider === "consul" ? "in Consul" : "in Nomad",
    ...(Connect ? ["Connect"] : []),
    checks.length > 0 ? `checked by ${all(checks)}` : "no check",
  ];
  return `service ${Name}: ${parts.join(", ")}`;
}
