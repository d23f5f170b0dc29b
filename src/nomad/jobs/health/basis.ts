import type { Service, TaskGroup } from "../../../endpoints/job.ts";
import { fromNanoseconds, span } from "../../../text/time.ts";
import { mostChecked } from "./evidence.ts";
import type { View } from "./verdict.ts";

/** A run of this length, in ms, says more than what a deployment believed. */
const proven = 600_000;

/** What "healthy" rests on where that is little: a few of many checks; or none, but a task that ran for a moment. */
export function basis({ state, groups }: View): string {
  const checked = groups.map(({ group }) => group).filter(isChecked);
  // Those in Consul are out of sight.
  const ours = checked.filter((group) => checksOf(group).some(({ Provider }) => Provider === "nomad"));
  const running = state.current.filter(
    ({ TaskGroup, ClientStatus }) => ClientStatus === "running" && ours.some(({ Name }) => Name === TaskGroup),
  );
  if (running.length > mostChecked) {
    const all = `${running.length}${state.currentCut ? " and more" : ""}`;
    return ` (checks of ${mostChecked} of ${all} looked at)`;
  }
  if (!groups.some(({ healthy }) => healthy !== undefined)) return "";
  const now = state.nomad.now();
  const youngest = Math.max(...state.current.map(({ CreateTime }) => fromNanoseconds(CreateTime) ?? 0));
  if (now - youngest > proven || checked.length > 0) return "";
  const times = groups.flatMap(({ group }) => fromNanoseconds(group.Update?.MinHealthyTime) ?? []);
  return times.length > 0 ? ` (no check: ran for ${span(Math.min(...times))})` : " (no check)";
}

/** The services of a group that are checked. */
function checksOf({ Services, Tasks }: TaskGroup): Service[] {
  const services = [...(Services ?? []), ...(Tasks ?? []).flatMap((task) => task.Services ?? [])];
  return services.filter(({ Checks }) => (Checks?.length ?? 0) > 0);
}

/** Whether a deployment asked the checks. */
function isChecked(group: TaskGroup): boolean {
  return group.Update?.HealthCheck !== "task_states" && checksOf(group).length > 0;
}
