import type { Service, TaskGroup } from "../state/job-types.ts";
import type { Allocation } from "../state/types.ts";

/** The services of a group whose checks Nomad itself runs. */
export function checkedServices(group: TaskGroup): Service[] {
  const services = [...(group.Services ?? []), ...group.Tasks.flatMap((task) => task.Services ?? [])];
  return services.filter((service) => service.Provider === "nomad" && (service.Checks?.length ?? 0) > 0);
}

/** A container listens on its port. What the mock driver or a shell runs does not, as on a real node. */
export function listens(group: TaskGroup): boolean {
  return group.Tasks.some(({ Driver }) => Driver === "docker");
}

/** True where the group's checks will never pass. */
export function failsChecks(group: TaskGroup): boolean {
  return checkedServices(group).length > 0 && !listens(group);
}

/** What a check says that finds nobody on the service's port. */
export function refused(alloc: Allocation, service: Service, type: string, path: string): string {
  const port = alloc.AllocatedResources.Shared.Ports?.find(({ Label }) => Label === service.PortLabel);
  const host = `${port?.HostIP ?? "127.0.0.1"}:${port?.Value ?? 0}`;
  const failure = `dial tcp ${host}: connect: connection refused`;
  return type === "http" ? `nomad: Get "http://${host}${path}": ${failure}` : `nomad: ${failure}`;
}
