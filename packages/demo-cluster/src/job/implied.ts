import type { Constraint, Job } from "../state/job-types.ts";

const CNI = ["bridge", "firewall", "host-local", "loopback", "portmap"];

/** Adds what a job needs of a node without saying so: service discovery, Consul, CNI plugins. */
export function addImpliedConstraints(job: Job): void {
  for (const group of job.TaskGroups) {
    const services = [...(group.Services ?? []), ...group.Tasks.flatMap((task) => task.Services ?? [])];
    const native = services.filter((service) => service.Provider === "nomad");
    const wanted: Constraint[] = [];
    const want = (name: string, operand: string, value: string) =>
      wanted.push({ LTarget: `\${attr.${name}}`, RTarget: value, Operand: operand });
    if (native.length > 0) want("nomad.service_discovery", "=", "true");
    if (native.some((service) => service.Checks)) want("nomad.version", "semver", ">= 1.4.0");
    if (services.length > native.length) want("consul.version", "semver", ">= 1.8.0");
    if (group.Networks?.some((network) => network.Mode === "bridge"))
      for (const plugin of CNI) want(`plugins.cni.version.${plugin}`, "semver", ">= 0.4.0");
    const have = group.Constraints ?? [];
    const fresh = wanted.filter((one) => !have.some((other) => other.LTarget === one.LTarget));
    if (fresh.length > 0) group.Constraints = [...have, ...fresh];
  }
}
