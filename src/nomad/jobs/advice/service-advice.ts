import { span } from "../../../text/time.ts";
import { cutName, quotedLine } from "../../../text/untrusted.ts";
import { all, plural, some } from "../../../text/words.ts";
import { pins } from "../../evaluations/placement/meets.ts";
import type { TypedService } from "../file/typed-job.ts";
import { updateOf } from "../plan/rollout.ts";
import { type GroupView, type Remark, when } from "./finding.ts";

/** What is to be said of a service's health and of its rollout: nothing of jobs that are no service. */
export function serviceRemarks(view: GroupView): Remark[] {
  const { group, job } = view;
  if (job.Type !== "service" || view.count === 0) return [];
  const services = [...group.Services, ...group.Tasks.flatMap((task) => task.Services)];
  return [...healthRemarks(view, services), ...rolloutRemarks(view, services)];
}

const isChecked = ({ Checks, Connect }: TypedService) => Checks.length > 0 || Connect !== undefined;

function healthRemarks({ group, job }: GroupView, services: readonly TypedService[]): Remark[] {
  const bare = services.filter((service) => !isChecked(service));
  const names = some(
    bare.map(({ Name }) => cutName(Name, 60) || "without a name"),
    4,
  );
  const ports = group.Networks.flatMap(({ DynamicPorts, ReservedPorts }) => [...DynamicPorts, ...ReservedPorts]);
  const { autoPromote, minHealthyTime } = updateOf(job, group);
  const health = group.Update?.HealthCheck || job.Update?.HealthCheck;
  const trust = `what has run for ${span(minHealthyTime)} counts as healthy, whether it answers or not`;
  return [
    ...when(bare.length > 0, 2, `no check on ${bare.length === 1 ? "service" : "services"} ${names}: ${trust}`),
    ...when(
      services.length === 0 && ports.length > 0,
      3,
      `ports (${some(
        ports.map(({ Label }) => quotedLine(Label, 40)),
        4,
      )}) but no service with a check: ${trust}`,
    ),
    ...when(
      (health === "task_states" || health === "manual") && services.some(({ Checks }) => Checks.length > 0),
      3,
      `health_check is "${health}": a rollout does not ask the checks; write health_check = "checks"`,
    ),
    ...when(
      autoPromote && !services.some(isChecked),
      2,
      "auto_promote without any check promotes a canary that merely runs",
    ),
  ];
}

function rolloutRemarks({ count, group, job }: GroupView, services: readonly TypedService[]): Remark[] {
  const { autoPromote, autoRevert, canaries, maxParallel } = updateOf(job, group);
  const fixed = group.Networks.flatMap(({ ReservedPorts }) => ReservedPorts.map(({ Value }) => String(Value)));
  const serves = services.length > 0;
  const pinned = [...job.Constraints, ...group.Constraints, ...group.Tasks.flatMap((task) => task.Constraints)].some(
    pins,
  );
  const block = group.Update === undefined && job.Update === undefined ? "no update block, and so " : "";
  return [
    // More than the count is warned of by Nomad itself.
    ...when(
      maxParallel === 0,
      2,
      "max_parallel is 0: a new version replaces everything at once, and nobody looks whether it is healthy; write max_parallel = 1",
    ),
    ...when(
      count > 1 && maxParallel === count && canaries === 0,
      2,
      `max_parallel is the count (${count}): a new version replaces all of them at once, so that none serves meanwhile; write max_parallel = 1`,
    ),
    ...when(
      maxParallel > 0 && !autoRevert,
      3,
      `${block}auto_revert is off: a version that does not get healthy stays half rolled out until somebody reverts it; write auto_revert = true in the update block`,
    ),
    ...when(
      serves && count === 1 && canaries === 0,
      4,
      // A canary beside it needs a node of its own.
      pinned && fixed.length > 0
        ? `count is 1 on one node with static port ${all(fixed)}: each new version, drain or crash is an outage until the next one runs`
        : "count is 1 without a canary: each new version, drain or crash is an outage until the next one runs",
    ),
    ...when(
      canaries > 0 && !autoPromote,
      4,
      `${plural(canaries, "canary waits", "canaries wait")} for somebody to promote each rollout (auto_promote is off)`,
    ),
    ...when(
      fixed.length > 0 && (count > 1 || canaries > 0),
      3,
      pinned
        ? `static port ${all(fixed)} on one named node: of ${plural(count + canaries, "allocation")} only one has a place there`
        : `static port ${all(fixed)}: one allocation a node, so ${plural(count + canaries, "node")} of their own are needed`,
    ),
  ];
}
