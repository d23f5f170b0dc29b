import type { Task, TaskGroup } from "../../../endpoints/job.ts";
import { grouped } from "../../../text/words.ts";
import type { Trouble } from "../../allocations/trouble-kinds.ts";
import { showStep, toolOrCommand } from "../../shared/next-step.ts";
import { anotherRun } from "../runs.ts";
import type { Cure } from "./cure.ts";
import type { JobState } from "./job-state.ts";
import type { View } from "./verdict.ts";

/** What ends a trouble, as far as its kind tells; undefined where nothing is to be done, or nobody knows. */
export function cureOf(trouble: Trouble, state: JobState): Cure | undefined {
  const { allocation, kind, task, what } = trouble;
  const { nomad, job } = state;
  const node = allocation.NodeName || allocation.NodeID.slice(0, 8);
  switch (kind) {
    case "away":
      return { step: `bring ${node} back (${showStep(nomad, "node", node)})`, by: "self", node: true };
    case "drained":
      return {
        step: `to run it again: ${job.ParentID === "" ? restarted(state) : anotherRun(nomad, job)}`,
        by: "whole",
      };
    case "lingers":
      return {
        step: `if ${task} is only there to help: make the other task leader = true, or ${task} a prestart task with sidecar = true`,
        by: "file",
      };
    case "late":
      return { step: "raise healthy_deadline and progress_deadline above the time that its start takes", by: "file" };
    case "template": {
      const path = /nomad\.var\.\w+\(([^@)]+)/.exec(what)?.[1];
      if (path === undefined) return { step: "provide what its template reads", by: "self" };
      const keys = keysOf(taskOf(state, trouble), path);
      const set = `{${keys.map((key) => `"${key}":"..."`).join(",")}}`;
      const words: [string, ...string[]] = ["var put", path, ...keys.map((key) => `${key}=...`)];
      return {
        step: `write what its template reads: ${toolOrCommand(nomad, ["put_variable", { path, set }], words)}`,
        by: "self",
      };
    }
    case "image":
      return {
        step: `make the image available to ${node}: its name and tag, the registry, the login there`,
        by: "push",
      };
    case "artifact":
      return { step: `make the source of the artifact available to ${node}`, by: "push" };
    case "memory": {
      const has = taskOf(state, trouble)?.Resources?.MemoryMB;
      return { step: `raise the memory of task ${task}${has ? ` (now ${grouped(has)} MB)` : ""}`, by: "file" };
    }
    case "start":
      return { step: `fix the configuration of task ${task}`, by: "file" };
    case "exit":
    case "hook":
    case "unclear":
      return { step: "fix what makes it fail", by: "file", vague: true };
    default:
      return undefined;
  }
}

function taskOf({ job }: JobState, { allocation, task }: Trouble): Task | undefined {
  const group = job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
  return group?.Tasks?.find(({ Name }) => Name === task);
}

/** The keys of a variable that a template reads; in general where it does not say. */
function keysOf(task: Task | undefined, path: string): string[] {
  const texts = (task?.Templates ?? []).map(({ EmbeddedTmpl }) => EmbeddedTmpl).filter((text) => text.includes(path));
  const reads = /\{\{-?\s*(?:\.(\w+)|index \. "([^"]+)")/g;
  const keys = texts.flatMap((text) => [...text.matchAll(reads)].map(([, key, index = ""]) => key ?? index));
  return keys.length > 0 ? [...new Set(keys)].slice(0, 5) : ["KEY"];
}

/** What starts a job from the beginning: seen on a real agent to place what ended, where the group may be rescheduled. */
/** How a job that ends by itself is run again: stopped and started, it is placed anew. */
export function restarted({ nomad, job }: JobState): string {
  const stop = toolOrCommand(nomad, ["stop_job", { job_id: job.ID }], ["job stop", job.ID]);
  return `${stop}, then ${toolOrCommand(nomad, ["start_job", { job_id: job.ID }], ["job start", job.ID])}`;
}

/** Whether a group's failed allocations may be placed again. */
export function mayReschedule({ ReschedulePolicy: policy }: TaskGroup): boolean {
  return policy !== null && (policy.Unlimited || policy.Attempts > 0);
}

/** What ends the trouble of a job whose deployment has failed, which then tries nothing more by itself. */
export function afterFailure(view: View, cure: Cure): string {
  const { state } = view;
  const submit = toolOrCommand(state.nomad, ["submit_job_file", {}], ["job run"]);
  if (cure.by === "whole") return cure.step;
  if (cure.by === "file") return `${cure.step} and ${submit}`;
  if (cure.by === "self") return `${cure.step}; it then goes on by itself`;
  // Stopping would end what an older version still does.
  const others = state.current.some(({ JobVersion }) => JobVersion !== state.job.Version);
  const again = !others && (state.job.TaskGroups ?? []).every(mayReschedule);
  return `${cure.step}, then ${again ? restarted(state) : `${submit} with any change of the group`}`;
}
