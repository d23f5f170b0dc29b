import { goDuration, SECOND } from "../gotime.ts";
import type { Check, Network, Service, Task, TaskGroup } from "../state/job-types.ts";
import { nested, quote } from "./validate-parts.ts";

function needsPort({ Type }: Check): boolean {
  return ["grpc", "http", "tcp"].includes(Type);
}

function checkCheck(check: Check, service: Service): string | undefined {
  if (service.PortLabel === "" && check.PortLabel === "" && needsPort(check))
    return `Check ${check.Name} invalid: check requires a port but neither check nor service ${quote(service.Name)} have a port`;
  const { Interval, Timeout } = check;
  const type = check.Type.toLowerCase();
  const types = service.Provider === "nomad" ? ["tcp", "http"] : ["grpc", "tcp", "http", "script"];
  let why: string | undefined;
  if (!types.includes(type)) why = `invalid check type (${quote(type)}), must be one of ${types.join(", ")}`;
  else if (type === "http" && check.Path === "") why = "http type must have http path";
  else if (Interval === 0) why = "missing required value interval. Interval cannot be less than 1s";
  else if (Interval < SECOND) why = `interval (${goDuration(Interval)}) cannot be lower than 1s`;
  else if (Timeout === 0) why = "missing required value timeout. Timeout cannot be less than 1s";
  else if (Timeout < SECOND) why = `timeout (${goDuration(Timeout)}) is lower than required minimum timeout 1s`;
  if (why === undefined || service.Provider === "nomad") return why;
  return `Check ${check.Name} invalid: ${why}`;
}

function checkService(service: Service): string[] {
  const errors: string[] = [];
  const name = service.Name.replace(/\$\{[^}]*\}/g, "ENV-VAR");
  if (!/^([a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])$/i.test(name))
    errors.push(
      `Service name must be valid per RFC 1123 and can contain only alphanumeric characters or dashes and must be no longer than 63 characters: ${quote(service.Name)}`,
    );
  if (service.Provider !== "consul" && service.Provider !== "nomad")
    errors.push(`Service provider must be "consul", or "nomad"; not ${quote(service.Provider)}`);
  else
    for (const check of service.Checks ?? []) {
      const why = checkCheck(check, service);
      if (why !== undefined) errors.push(why);
    }
  return errors;
}

/** What is wrong with the services of a group. */
export function checkGroupServices(group: TaskGroup): string[] {
  const errors: string[] = [];
  const providers = new Set<string>();
  const seen = new Set<string>();
  const twice: string[] = [];
  const note = (owner: string, { Name, PortLabel, Provider }: Service) => {
    const id = `${owner}->${Name}${PortLabel === "" ? "" : `:${PortLabel}`}`;
    if (seen.has(id)) twice.push(id);
    seen.add(id);
    providers.add(Provider);
  };
  for (const task of group.Tasks) for (const service of task.Services ?? []) note(task.Name, service);
  for (const [at, service] of (group.Services ?? []).entries()) {
    note("group", service);
    errors.push(...nested(`Service[${at}] ${service.Name} validation failed: `, checkService(service)));
  }
  if (twice.length > 0) errors.push(`Services are not unique: ${twice.join(", ")}`);
  if (providers.size > 1)
    errors.push("Multiple service providers used: task group services must use the same provider");
  return errors;
}

/** What is wrong with the services of a task. */
export function checkTaskServices(task: Task, group: TaskGroup): string[] {
  const errors: string[] = [];
  const ports = new Map<string, Set<string>>();
  const use = (label: string, service: string) => {
    if (label !== "") ports.set(label, (ports.get(label) ?? new Set()).add(service));
  };
  const seen = new Set<string>();
  for (const [at, service] of (task.Services ?? []).entries()) {
    errors.push(...nested(`service[${at}] ${quote(service.Name)} validation failed: `, checkService(service)));
    if (seen.has(service.Name + service.PortLabel)) errors.push(`service ${quote(service.Name)} is duplicate`);
    seen.add(service.Name + service.PortLabel);
    use(service.PortLabel, service.Name);
    for (const check of service.Checks ?? [])
      if (needsPort(check)) use(check.PortLabel || service.PortLabel, service.Name);
  }
  const known = new Set([...labels(group.Networks?.[0]), ...(task.Resources.Networks ?? []).flatMap(labels)]);
  for (const [label, services] of [...ports].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (!known.has(label))
      errors.push(
        `port label ${quote(label)} referenced by services ${[...services].sort().join(", ")} does not exist`,
      );
  return errors;
}

function labels(network: Network | undefined): string[] {
  return [...(network?.ReservedPorts ?? []), ...(network?.DynamicPorts ?? [])].map((port) => port.Label);
}
